package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/slack-go/slack"
)

// What Slack takes at most, or less than that, in characters as slackLength counts
// them.
const (
	slackMaxText     = 300   // of a notification
	slackMaxSection  = 2800  // of a section's text, which takes 3000
	slackMaxHeader   = 150   // of a header
	slackMaxTitle    = 24    // of a modal's title and its buttons
	slackMaxBlocks   = 50    // of a message
	slackMaxCard     = 11500 // of all blocks as JSON; about 13,200 are refused
	slackMaxAddress  = 2000  // of a button's address
	slackMaxLink     = 500   // of an address within a text
	slackMaxReason   = 1000  // of a reason that is typed
	slackMaxMentions = 20

	// slackGateSection is how long a section of a gate gets, to keep the buttons in sight.
	slackGateSection = 1200

	slackName  = 100 // of a name
	slackTitle = 150 // of a commit's title and the like
	slackWhy   = 300 // of a sentence
)

// slackCard puts the blocks of a message together.
type slackCard struct {
	rest  string // where the rest is, in mrkdwn
	most  int    // characters of a section; 0: as many as Slack takes
	parts []slackPart
	cut   bool // something is left out
}

// slackPart is one block. The greatest spare is left out first if there is too much;
// what has none stays.
type slackPart struct {
	block slack.Block
	spare int
}

func slackMrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

func slackPlainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// card begins a message about a run.
func (r *Renderer) card(run Run) *slackCard {
	return &slackCard{rest: "The rest is on " + slackLink("the page of the run", r.RunURL(run.Execution.ID)) + "."}
}

func (c *slackCard) header(words string) {
	c.parts = append(c.parts, slackPart{block: slack.NewHeaderBlock(slackPlainText(slackPlain(words, slackMaxHeader)))})
}

// section adds lines of mrkdwn, as many whole ones as fit. Empty lines are left out.
func (c *slackCard) section(spare int, lines ...string) {
	if text := c.fit(lines); text != "" {
		c.parts = append(c.parts, slackPart{slack.NewSectionBlock(slackMrkdwn(text), nil, nil), spare})
	}
}

// context adds lines of small print.
func (c *slackCard) context(spare int, lines ...string) {
	if text := c.fit(lines); text != "" {
		c.parts = append(c.parts, slackPart{slack.NewContextBlock("", slackMrkdwn(text)), spare})
	}
}

func (c *slackCard) buttons(buttons ...slack.BlockElement) {
	if len(buttons) > 0 {
		c.parts = append(c.parts, slackPart{block: slack.NewActionBlock("", buttons...)})
	}
}

func (c *slackCard) fit(lines []string) string {
	var all []string
	room := cmp.Or(c.most, slackMaxSection)
	for _, l := range lines {
		if l == "" {
			continue
		}
		length := slackLength(l)
		if room -= length + 1; room < 0 && len(all) > 0 || length > slackMaxSection {
			c.cut = true
			all = append(all, "…")
			break
		}
		all = append(all, l)
	}
	return strings.Join(all, "\n")
}

// message ends a message. What is too much is left out, the least important first, and
// then it says where the rest is.
func (c *slackCard) message(text string) SlackMessage {
	return SlackMessage{Text: text, Blocks: c.blocks()}
}

func (c *slackCard) blocks() []slack.Block {
	for {
		var all []slack.Block
		least := -1
		for i, p := range c.parts {
			all = append(all, p.block)
			if p.spare > 0 && (least < 0 || p.spare >= c.parts[least].spare) {
				least = i
			}
		}
		if c.cut {
			all = append(all, slack.NewContextBlock("", slackMrkdwn(c.rest)))
		}
		if least < 0 || len(all) <= slackMaxBlocks && slackSize(all) <= slackMaxCard {
			return all
		}
		c.parts = slices.Delete(c.parts, least, least+1)
		c.cut = true
	}
}

// slackSize is how many characters blocks have as JSON.
func slackSize(blocks []slack.Block) int {
	b, err := json.Marshal(blocks)
	if err != nil {
		panic("report: blocks for Slack: " + err.Error()) // a bug: they are plain data
	}
	return slackLength(string(b))
}

// slackLength is how many characters a text has, counted as UTF-16 does: Slack does
// not say how it counts, and no other way gives more.
func slackLength(s string) int {
	n := 0
	for _, c := range s {
		n++
		if c > 0xffff {
			n++
		}
	}
	return n
}
