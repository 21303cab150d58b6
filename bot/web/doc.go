// Package web shows runs and logs as plain pages. It only reads: no page of it
// changes anything, and it answers nobody but this machine.
//
// There is no login yet, so what protects the pages is who can reach them: the
// connection must come from a loopback address, the Host header must name this
// machine (another site's name that resolves here is refused), and a request
// that says it was forwarded is refused, because then the loopback address is
// only the proxy's.
package web
