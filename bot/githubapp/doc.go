// Package githubapp is GitHub as an installed app: tokens, limits, the few calls
// we make. It never decides what a call is for, never stores anything beyond its
// own memory, and never sends a token anywhere but to the API it was made for.
//
// # Calls
//
// An App has one method per thing we ask or tell. Each takes the repository it
// is about, works through that repository's installation, and carries a token
// that is good for that one repository. Each HTTP exchange ends within Timeout,
// also when GitHub hangs; calls are not tried again here, except once with a
// fresh token when GitHub says that the old one is no longer good.
//
// # Errors
//
// Every error of a call is a *pipeline.Error:
//
//	Unavailable  GitHub could not be asked now: 5xx, network, time-out, a limit.
//	             RetryAfter tells how long to wait, if GitHub said so.
//	NotFound     the thing does not exist, or not for this app
//	Forbidden    a permission is missing, and the message names it;
//	             with ErrInstallation: the app itself is no longer let in
//	Invalid      GitHub refused the content, in its own words; or the arguments
//	             make no sense
//	Conflict     it does not fit the present state
//	Internal     GitHub answered what it should not
//
// # Limits
//
// What GitHub says about limits is kept per installation. While a limit lasts,
// calls of that installation are refused here, without spending a request.
//
// # Webhooks
//
// VerifySignature, ReadWebhook and ParseEvent turn a delivery into one of our
// own small event types, with just the fields we use.
package githubapp
