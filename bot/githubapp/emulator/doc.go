// Package emulator is a small GitHub for tests and the demo: REST API, signed
// webhooks, git over HTTP and plain pages, all on one loopback port. It never
// touches the network beyond the webhook URLs it is given, and it is never part
// of a running server.
//
// It speaks the real protocols, so real clients (git, go-github, ghinstallation)
// run against it unchanged. Lengths, counts and permissions are enforced
// always; rate limits and faults only when switched on. Refs and objects live in
// real bare repositories; everything else lives in memory behind one lock.
//
// # Setting up
//
//	gh, err := emulator.New(emulator.Options{Dir: t.TempDir()})
//	defer gh.Close()
//	octocat, err := gh.AddUser("octocat")
//	hubot, err := gh.AddUser("hubot")
//	repo, err := gh.AddRepository(emulator.NewRepository{Owner: "octocat", Name: "shop",
//		Files: map[string]string{"README.md": "# shop\n"}})
//	err = gh.SetRole("octocat/shop", "hubot", emulator.RoleWrite)
//	app, err := gh.AddApp(emulator.NewApp{Slug: "penstock", Owner: "octocat",
//		WebhookURL: server.URL + "/webhooks/github", WebhookSecret: "s3cret"})
//	inst, err := gh.Install(app.ID, "octocat") // all repositories
//
// AddApp without Permissions and Events grants what Penstock asks for. A server
// that starts after the emulator gets its address with SetWebhook.
// PENSTOCK_GITHUB_API_URL is APIURL(): the form of GitHub Enterprise Server,
// http://127.0.0.1:PORT/api/v3/. Clone from Repository.CloneURL, with any user
// name and a token as password; User.GitURL puts both together for tests.
//
// # Acting as people
//
// Push (a commit without a git client), SetBranch (a forced push, a new branch),
// DeleteBranch, OpenPullRequest, Comment, EditComment, DeleteComment,
// ClickCheckAction, RerequestCheckRun, RerequestCheckSuite, Merge,
// ClosePullRequest, ReopenPullRequest, RenameRepository, TransferRepository,
// SetDefaultBranch and Fork do what the person named would do in a browser, with the
// rights of that person, and send the webhooks GitHub sends. The pages offer most of it
// to real people.
// An app can also be made as people make it: out of a manifest, on the pages below
// /settings/apps.
//
// # Asking and waiting
//
// Checks, CheckRun, Statuses, Comments, Reactions, PullRequest, Deliveries,
// Writes and Counts answer with copies. Await calls a question again after every
// change of state, so nothing polls and nothing sleeps:
//
//	err := gh.Await(ctx, func(v *emulator.View) bool {
//		checks := v.Checks("octocat/shop", sha)
//		return len(checks) == 1 && checks[0].Conclusion == "success"
//	})
//
// # Making trouble
//
// Inject answers matching API requests with a Trouble: ServerError, NoPermission,
// SecondaryLimit, PrimaryLimit, TooManyRequests, Hang, Slow, LoseReply.
// ExpireTokens ends all installation tokens now; EnforceRateLimits switches
// limits on. HoldDeliveries, ReleaseDeliveries, ReleaseDelivery, ReleaseReversed,
// DropDeliveries, DuplicateDeliveries, DelayDeliveries, Redeliver,
// RedeliverWithNewGUID and SendWebhook do to webhooks what networks do.
//
// Webhooks about one branch go out one after the other, each when the one before
// was answered; those of different branches side by side. Times of measurement
// (Write.Received, Delivery.Sent) are real; all others come from Options.Clock,
// in whole seconds as at GitHub.
//
// # Locking
//
// One mutex guards all state. Exported methods take it; unexported ones expect
// it to be held unless their comment says otherwise. Pushes and merges of one
// repository take that repository's push lock first.
package emulator
