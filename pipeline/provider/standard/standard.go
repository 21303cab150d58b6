// Package standard is the list of providers that Penstock ships. It never makes
// one.
package standard

import (
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/commands"
	"github.com/penstock-cd/penstock/pipeline/provider/deploymentwindow"
	"github.com/penstock-cd/penstock/pipeline/provider/http"
	"github.com/penstock-cd/penstock/pipeline/provider/variablecheck"
)

// Providers returns the providers we ship, one line each. Pass it to
// provider.NewRegistry.
func Providers() []provider.Info {
	return []provider.Info{
		commands.Info(),
		deploymentwindow.Info(),
		http.Info(),
		variablecheck.Info(),
	}
}
