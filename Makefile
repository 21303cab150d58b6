# The verbs of the house. `make test` is what CI and newcomers run; `make check`
# is everything else that must hold.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
OPENAPI     = bot/githubapp/emulator/testdata/openapi
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: demo test check bench chaos build openapi

demo:
	go run ./cmd/penstock demo

test:
	go test ./...

# Formatting, vet, staticcheck, the race detector, a million steps of the machine
# beside its model (a minute or two), 200 votes through two doors at once, and the contract with GitHub's own API description
# (taken from npm).
check: openapi
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	PENSTOCK_OPENAPI_DIR=$(CURDIR)/$(OPENAPI)/node_modules/@octokit/openapi go test ./bot/githubapp/...
	go test -race ./...
	PENSTOCK_RACES=200 go test ./cmd/penstock -run TestTwoDoorsAtOnce -count=1 -v
	go test ./pipeline/machine -run TestModel -rapid.checks=17000 -v

# The server end to end, then turns in crowded lanes and lists after a million runs.
bench:
	go run ./cmd/penstock/bench
	go test -run '^$$' -bench 'Next|Turn|AfterHistory' ./pipeline/machine ./storage

# Kills the server 300 times while it works, and checks that nothing was lost.
chaos:
	go run ./cmd/penstock/chaos

build:
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/penstock ./cmd/penstock

# npm trusts a list of its own; the machine's is given to it, too, for networks
# with an authority of theirs.
openapi: export NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
openapi:
	npm ci --loglevel=error --no-audit --no-fund --prefix $(OPENAPI)
