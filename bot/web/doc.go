// Package web shows runs and logs as plain pages, to those who may see them. What
// they ask for, a vote on a page or anything through the JSON API, is handed on with
// who asks: whether it may be done is never judged here.
//
// With a login (Options.Login) a page is shown to who is logged in through GitHub,
// or brings an API token, and only as far as GitHub lets them read the repository
// at that moment. What does not exist and what one may not see get the same
// answer. The few paths that are open to everybody stand in Register.
//
// Without a login, what protects the pages is who can reach them: the connection
// must come from a loopback address, the Host header must name this machine
// (another site's name that resolves here is refused), and a request that says it
// was forwarded is refused, because then the loopback address is only the proxy's.
package web
