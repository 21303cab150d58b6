package main

import "context"

// secrets reads each value that actions may use, as the server does when one asks
// for it, and shows none.
func (d *doctor) secrets(ctx context.Context) {
	secrets, _ := vaultSecrets(d.config)
	connections, _ := vaultConnections(d.config)
	const mend = "write it to the file, or set the variable, that the configuration names (docs/secrets.md); a variable of the unit has to be set here, too"
	read, before := 0, len(d.findings)
	for _, s := range secrets {
		read++
		if _, err := s.Source.Value(ctx); err != nil {
			d.warn("secrets", mend, "%s has no value, and actions that name it fail: %v", s.Name, err)
		}
	}
	for _, c := range connections {
		for setting, source := range c.Secrets {
			read++
			if _, err := source.Value(ctx); err != nil {
				d.warn("secrets", mend, "the connection %s has no %s, and actions that use it fail: %v", c.Name, setting, err)
			}
		}
	}
	switch {
	case read == 0:
		d.skip("secrets", "none are declared")
	case len(d.findings) == before:
		d.ok("secrets", "all %d can be read", read)
	}
}
