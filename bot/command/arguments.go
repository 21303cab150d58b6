package command

import (
	"strconv"
	"strings"
)

func (c *Command) malformedIf(wrong bool) {
	if wrong {
		c.Problem = Malformed
	}
}

// nameAndReason reads the name of a stage or an environment, which is one word, and
// what follows it.
func (c *Command) nameAndReason() (name, reason string) {
	name, reason = cutWord(c.Args)
	return name, reasonIn(reason)
}

// readRollback reads a stage, and perhaps the run to go back to.
func (c *Command) readRollback() {
	words := strings.Fields(c.Args)
	if len(words) > 0 {
		c.Name = words[0]
	}
	c.malformedIf(len(words) != 1 && (len(words) != 3 || lower(words[1]) != "to" || !c.readRun(words[2])))
}

func (c *Command) readRun(word string) bool {
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	c.Run = n
	return err == nil && n > 0
}

// readStart reads a pipeline's name, which comes first, and NAME=value.
func (c *Command) readStart() {
	for i, word := range strings.Fields(c.Args) {
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
