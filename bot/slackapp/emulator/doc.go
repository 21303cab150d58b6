// Package emulator is a small Slack for tests and the demo: Web API, Socket Mode, signed
// requests, slash commands, response URLs and plain pages, all on one loopback port. It
// never touches the network beyond the app's request URL, and it is never part of a
// running server.
//
// It speaks the real protocols, so real clients (slack-go and its socketmode) run
// against it unchanged. Lengths, counts, scopes and lifetimes are enforced always; rate
// limits and faults only when switched on. Everything lives in memory behind one lock.
//
// # Setting up
//
//	sl, err := emulator.New(emulator.Options{})
//	defer sl.Close()
//	app, err := sl.AddApp(emulator.App{})             // Socket Mode
//	channel, err := sl.AddChannel(emulator.Channel{Name: "releases"})
//	octocat, err := sl.AddUser(emulator.User{Name: "octocat", Email: "octocat@example.com"})
//
// PENSTOCK_SLACK_API_URL is APIURL(), the tokens and the signing secret are in app.
// SetRequestURL changes to HTTP, where clicks and commands are posted with a signature.
//
// # Acting as people
//
// Click, Submit, CloseModal, Slash, Say and Delete do what the person named would do, and
// answer with what they saw: acknowledged within three seconds or not, the app's words
// about a modal's inputs, the warning Slack shows. People and channels are named by id
// or by name. ClickPayload, SubmitPayload and SlashPayload with Deliver do the same in
// two steps; tricks (WrongSecret, Unsigned, Aged, Changed, Edited, FromTeam, FromApp) and
// Replay make attacks of it. Deactivated people can click here: a click may have been on
// its way.
//
// # Asking and waiting
//
// Messages, Message, Ephemerals, DirectMessages, Modal, Pings, Connections, Calls and Log
// answer with copies. Await calls a question again after every change of state, so
// nothing polls and nothing sleeps:
//
//	err := sl.Await(ctx, func(v *emulator.View) bool {
//		m := v.Messages("releases")
//		return len(m) == 1 && len(m[0].Buttons) == 0
//	})
//
// # Making trouble
//
// Inject answers matching requests with a Trouble: ServerError, Refuse, RateLimited, Slow,
// Hang, LoseReply, Double. Down makes Slack unreachable. RevokeToken, SetScopes, ChangeUser
// and ChangeChannel do what admins do. Disconnect, CutSockets, CutAfterNext and StopPings
// are for sockets. EnforceRateLimits switches limits on.
//
// # Pages
//
// URL shows the workspace as Slack would, for the person chosen with ?as=, live, with
// buttons that click. It fits into a third of a screen and may be framed.
//
// # Where Slack says nothing
//
// Kinds of block and element that Penstock has no use for are refused as unknown. A
// connection that ends before it acknowledged has failed at once; real people may see
// that a little later.
package emulator
