package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

// Sandboxing of commands on this machine.
type sandboxing int

const (
	sandboxRequired   sandboxing = iota // refuse to start where it does not isolate
	sandboxIfPossible                   // for one's own machine: plainly otherwise
	sandboxOff                          // the operator said so
)

// hidden is what no job may see: the data, and all that the configuration is made
// of. The folder that is meant for it is hidden whole, with what was left there.
func hidden(config configs.Config) []string {
	return append([]string{config.Data, filepath.Dir(configs.DefaultPath)}, config.SecretFiles...)
}

// newHost opens the compute of this machine, and makes sure that its sandbox is
// one.
func newHost(ctx context.Context, options host.Options, sandbox sandboxing) (*host.Host, error) {
	options.Sandbox = sandbox != sandboxOff
	h, err := host.New(options)
	if err != nil || !options.Sandbox {
		return h, err
	}
	trouble := h.Probe(ctx)
	if trouble == nil {
		return h, nil
	}
	if err := h.Close(); err != nil {
		return nil, err
	}
	if sandbox == sandboxIfPossible {
		options.Sandbox = false
		return host.New(options)
	}
	return nil, errors.Join(fmt.Errorf("commands cannot be isolated on this machine: %w", trouble),
		errors.New("install bubblewrap (apt-get install bubblewrap), or set PENSTOCK_HOST_UNSANDBOXED=true "+
			"if every job may do whatever this user can"))
}
