package web

import (
	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

// identity asks GitHub who somebody is who comes back from there, and for their
// addresses if they are wanted.
func (h *Handler) identity(c echo.Context, verifier string) (pipeline.Identity, error) {
	ctx, code := c.Request().Context(), c.QueryParam("code")
	if h.Login.Emails != nil {
		return h.Login.GitHub.Identify(ctx, code, verifier)
	}
	who, err := h.Login.GitHub.Who(ctx, code, verifier)
	return pipeline.Identity{Actor: who}, err
}

// keepEmails stores the digests of somebody's verified addresses as of this login. If
// they cannot be read, none are theirs: what is not known is never a yes. It keeps
// nobody from logging in.
func (h *Handler) keepEmails(c echo.Context, who pipeline.Identity) {
	if h.Login.Emails == nil {
		return
	}
	if who.NoEmails != nil {
		h.Logger.Warn("addresses not read; does the app have the permission \"Email addresses: read-only\"?",
			"login", who.Login, "account", who.ID, "error", who.NoEmails)
	}
	var digests []string
	for _, address := range who.Emails {
		if digest, ok := pipeline.EmailDigest(address); ok {
			digests = append(digests, digest)
		}
	}
	if err := h.Login.Emails.SaveVerifiedEmails(c.Request().Context(), h.Login.GitHub.Host(), who.Actor, digests, h.Now()); err != nil {
		h.Logger.Error("addresses not stored", "login", who.Login, "account", who.ID, "error", err)
	}
}
