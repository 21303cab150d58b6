# Penstock in a container: for trying it out, and for compute that is elsewhere.
# Builds on the host compute do not outlive a container, and bubblewrap works in it
# only if it may make name spaces: the systemd unit in configs/ is the better home
# for them. docs/install.md has the lines for both.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=1 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /penstock ./cmd/penstock

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates curl git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/penstock penstock
COPY --from=build /penstock /usr/local/bin/penstock
USER penstock
WORKDIR /var/lib/penstock
ENV PENSTOCK_DATA=/var/lib/penstock/data \
    PENSTOCK_LISTEN=0.0.0.0:8080
VOLUME /var/lib/penstock
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD curl --fail --silent --output /dev/null http://127.0.0.1:8080/healthz
ENTRYPOINT ["penstock"]
CMD ["serve"]
