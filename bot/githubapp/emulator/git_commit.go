package emulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// zeroSHA stands for "no commit" in pushes.
const zeroSHA = "0000000000000000000000000000000000000000"

type signature struct {
	name, email string
	when        time.Time
}

type commit struct {
	sha, tree         string
	parents           []string
	author, committer signature
	message           string
}

// title is the first line of the message.
func (c *commit) title() string {
	first, _, _ := strings.Cut(c.message, "\n")
	return first
}

// commit reads the commit behind a SHA, a ref or an annotated tag.
func (o *objects) commit(name string) (*commit, error) {
	if isSHA(name) {
		o.mu.Lock()
		c := o.commits[name]
		o.mu.Unlock()
		if c != nil {
			return c, nil
		}
	}
	obj, err := o.get(name + "^{commit}")
	if err != nil {
		return nil, err
	}
	c, err := parseCommit(obj)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.commits == nil {
		o.commits = map[string]*commit{}
	}
	o.commits[c.sha] = c
	return c, nil
}

func parseCommit(obj gitObject) (*commit, error) {
	if obj.kind != "commit" {
		return nil, errMissing
	}
	c := &commit{sha: obj.sha}
	head, message, _ := strings.Cut(string(obj.data), "\n\n")
	c.message = strings.TrimSuffix(message, "\n")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "tree":
			c.tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "author":
			c.author = parseSignature(value)
		case "committer":
			c.committer = parseSignature(value)
		}
	}
	if c.tree == "" {
		return nil, fmt.Errorf("commit %s has no tree", obj.sha)
	}
	return c, nil
}

// parseSignature reads "name <email> seconds zone"; the zone of the author is
// kept, since GitHub shows it in pushes.
func parseSignature(s string) signature {
	name, rest, _ := strings.Cut(s, " <")
	email, stamp, _ := strings.Cut(rest, "> ")
	seconds, zone, _ := strings.Cut(stamp, " ")
	n, _ := strconv.ParseInt(seconds, 10, 64)
	when := time.Unix(n, 0).UTC()
	if t, err := time.Parse("-0700", zone); err == nil {
		if _, offset := t.Zone(); offset != 0 {
			when = when.In(time.FixedZone("", offset))
		}
	}
	return signature{name: name, email: email, when: when}
}

func isSHA(s string) bool {
	if len(s) != 40 {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
