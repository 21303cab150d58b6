package command

import (
	"strconv"
	"strings"
)

// readPipeline reads what follows /start, /rollback, /disable and /enable.
func (c *Command) readPipeline() {
	words := strings.Fields(c.Args)
	switch {
	case c.Verb == Start:
		c.readStart(words)
		return
	case len(words) == 0:
		c.Problem = Malformed
		return
	}
	c.Stage = words[0]
	_, c.Reason = cutWord(c.Args)
	switch c.Verb {
	case Rollback:
		c.Reason = ""
		if len(words) > 1 && (len(words) != 3 || lower(words[1]) != "to" || !c.readRun(words[2])) {
			c.Problem = Malformed
		}
	case Disable:
		if c.Reason == "" {
			c.Problem = Malformed
		}
	case Enable:
		if c.Reason != "" {
			c.Problem = Malformed
		}
	}
}

func (c *Command) readRun(word string) bool {
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	c.Run = n
	return err == nil && n > 0
}

// readStart reads a pipeline's name, which comes first, and NAME=value.
func (c *Command) readStart(words []string) {
	for i, word := range words {
		name, value, isVariable := strings.Cut(word, "=")
		switch {
		case isVariable && name != "":
			if c.Variables == nil {
				c.Variables = map[string]string{}
			}
			c.Variables[name] = value
		case i == 0 && !isVariable:
			c.Pipeline = word
		default:
			c.Problem = Malformed
		}
	}
}
