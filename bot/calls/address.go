package calls

import (
	"net"
	"net/url"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// ParseURL checks the address of a service's API; the result ends in a slash. Plain http is for
// loopback addresses only. want is an example for people.
func ParseURL(text, service, want string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil: // which would show what it may hold
		return nil, pipeline.Errorf(pipeline.Invalid, "%s's API URL is not a URL", service)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, pipeline.Errorf(pipeline.Invalid, "%s's API URL must have no user, query or fragment", service)
	case u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, pipeline.Errorf(pipeline.Invalid, "%s's API URL %q: want %s", service, text, want)
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, pipeline.Errorf(pipeline.Invalid, "%s's API URL %q: plain http would show tokens to the network, use https", service, text)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// IsLoopback reports whether a host, without a port, is this machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
