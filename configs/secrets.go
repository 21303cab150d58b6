package configs

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// secrets reads the secrets that are in files of their own, and checks the key.
func (l *loader) secrets() Problems {
	var problems Problems
	const key, secret = "PENSTOCK_GITHUB_PRIVATE_KEY", "PENSTOCK_GITHUB_WEBHOOK_SECRET"
	where := key
	if problem := itself(l.privateKeyFile); problem != "" {
		problems = append(problems, key+"_FILE: "+problem)
	} else if l.privateKeyFile != "" && !l.c.GitHub.PrivateKey.IsSet() {
		where = fmt.Sprintf("%s_FILE: %s", key, l.privateKeyFile)
		text, problem := readSecret(l.privateKeyFile)
		l.c.SecretFiles = append(l.c.SecretFiles, l.privateKeyFile)
		if problem != "" {
			problems = append(problems, where+" "+problem)
		}
		l.c.GitHub.PrivateKey = NewSecret(text)
	}
	switch {
	case l.c.GitHub.PrivateKey.IsSet():
		if problem := checkKey(l.c.GitHub.PrivateKey.Reveal()); problem != "" {
			problems = append(problems, where+" "+problem)
		}
	case l.privateKeyFile == "":
		problems = append(problems, key+"_FILE is not set: the file with the GitHub App's private key, "+
			"from its settings page, for example "+key+"_FILE=/etc/penstock/app.pem; or set "+key+" to its text")
	}
	if len(l.c.GitHub.WebhookSecrets) == 0 {
		if problem := l.fromFile(secret, l.secretFile, Secret{}, webhookSecret); problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems
}

// fromFile takes a secret over from the file that the variable with _FILE at its end
// names, unless there is none or the secret is set already. It returns what is wrong.
func (l *loader) fromFile(variable, path string, secret Secret, take func(l *loader, text string) string) string {
	if path == "" || secret.IsSet() {
		return ""
	}
	if problem := itself(path); problem != "" {
		return variable + "_FILE: " + problem
	}
	l.c.SecretFiles = append(l.c.SecretFiles, path)
	text, problem := readSecret(path)
	if problem != "" {
		return fmt.Sprintf("%s_FILE: %s %s", variable, path, problem)
	}
	if problem = take(l, strings.TrimSpace(text)); problem != "" {
		return fmt.Sprintf("%s_FILE: %s: %s", variable, path, problem)
	}
	return ""
}

// itself says that a secret stands where the path of its file should, without quoting it.
func itself(path string) string {
	if !secretText.MatchString(path) {
		return ""
	}
	return "that is the secret itself; write it to a file that only the server can read, and name that file here. Whoever could read it in the meantime knows it: make a new one"
}

// secretText is what secrets of GitHub and Slack look like, and no path does.
var secretText = regexp.MustCompile(`^(xox|xapp-|gh[a-z]_)[^/]*$|^[0-9a-f]{32,}$|^-----BEGIN `)

// readSecret reads a file that nobody else on this machine may read.
func readSecret(path string) (text, problem string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Sprintf("cannot be read: %v", cause(err))
	case !info.Mode().IsRegular():
		return "", "is not a file"
	case info.Mode().Perm()&0o004 != 0:
		return "", fmt.Sprintf("can be read by everybody on this machine (mode %04o); say `chmod o-rwx`", info.Mode().Perm())
	case info.Size() > 64<<10:
		return "", "is too large for a secret"
	case info.Size() == 0:
		return "", "is empty"
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Sprintf("cannot be read: %v", cause(err))
	}
	return string(content), ""
}

// checkKey tells what is wrong with a key, without quoting it.
func checkKey(text string) string {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return "is not a private key in PEM form, as GitHub hands out (-----BEGIN RSA PRIVATE KEY-----)"
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return ""
	}
	if k, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if _, ok := k.(*rsa.PrivateKey); ok {
			return ""
		}
	}
	return "is not an RSA private key, as GitHub hands out (-----BEGIN RSA PRIVATE KEY-----)"
}
