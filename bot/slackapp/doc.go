// Package slackapp is one Slack workspace as an installed app: the few calls we
// make, and what people click and type there. It is the only room that talks to
// Slack. It knows nothing of runs and gates, and stores nothing.
//
// # Calls
//
// An App has one method per thing we ask or tell. Each call ends within Timeout
// (ModalTimeout for OpenModal), also when Slack hangs, and is not tried again
// here. Redirects are not followed: the token would go along.
//
// # Errors
//
// Every error of a call is a *pipeline.Error:
//
//	Unavailable  Slack could not be asked now: 5xx, network, time-out, a limit.
//	             RetryAfter tells how long to wait, if that is known.
//	NotFound     the message, channel or user does not exist, or not for this app
//	Forbidden    Slack does not let the app do it, and the message says who has to
//	             change what; with ErrAccess: the app is not let in at all
//	Invalid      Slack refused the content, or the arguments make no sense
//	Conflict     the moment to open a modal is over
//
// What Slack and the network say is not passed on word by word: no error and no
// log line shows a token, the ticket of a socket or a response URL, even if the
// other side repeats it to us.
//
// # Limits
//
// Posts go once a second per channel, with a few at once after a pause, and each
// method has a budget below what Slack's tier for it allows. A call that cannot go
// now is refused here, without asking Slack (NotSent), and RetryAfter tells when it
// can: nobody waits in here. When Slack itself says that it is too much, the method
// (posts: the channel) stays closed for as long as Slack says. What somebody waits
// for, OpenModal and Whisper, is held back only then.
//
// # What comes in
//
// Clicks on buttons, submitted modals and slash commands come over sockets that we
// opened (Listen) or as signed requests (Register). Both hand them to an Accept
// that stores them durably, and acknowledge them only after that, within Slack's
// three seconds; what could not be stored in time is not acknowledged, and the
// person is told by Slack. The same click has the same ID by whatever way and
// however often it comes. Parse turns what was stored into a Click, a Submission or
// a SlashCommand.
//
// # Sockets
//
// The sockets are kept here, over gorilla/websocket, and not by slack-go's
// socketmode client. That one has one channel of answers for all connections that
// it has had, so that an acknowledgement can be written to another connection than
// the one the click came by, and whether it was written is not told; it stops
// reading, and with that answering pings, when its events are not taken fast
// enough; it leaves a connection as soon as Slack announces its end, with what is
// still on its way; and it ends for good when Slack once does not know the token.
package slackapp
