package pipeline

import "strings"

// Connection is what is needed to reach a system as somebody: a named credential
// of the operator's configuration. It is never stored and never shown.
type Connection struct {
	Name string
	Type string // ConnectionAWS
	// Settings are by the names that the type gives them; most are secret.
	Settings map[string]string
}

// ConnectionAWS is an access key of an AWS account: accessKeyId, secretAccessKey,
// sessionToken and region.
const ConnectionAWS = "aws"

// CheckConnectionName says why a text cannot be the name of a connection; empty
// if it can.
func CheckConnectionName(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	switch {
	case name == "" || len(name) > 100:
		return "a name has 1 to 100 characters"
	case strings.Trim(name, letters) != "":
		return "a name has letters, digits, - and _"
	}
	return ""
}
