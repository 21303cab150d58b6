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
// Limits are kept per installation: what GitHub says of the hour's requests, when
// it asked to be left alone, and a pace within the limits that it documents but
// does not report. A call that cannot go now is refused here, without spending a
// request (NotSent), and RetryAfter tells when it can: nobody waits in here. Calls
// have a class (WithClass); the less urgent ones are refused earlier, so that
// look-ups, ends and gates still go when little is left. Where GitHub's answers
// show that it limits nothing, there is no pace.
//
// Answers with an entity tag are kept and asked for again with it. None is used
// without GitHub's word that it is still true.
//
// # Webhooks
//
// VerifySignature, ReadWebhook and ParseEvent turn a delivery into one of our
// own small event types, with just the fields we use.
package githubapp
