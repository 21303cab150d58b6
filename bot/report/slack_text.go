package report

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// In Slack's mrkdwn three characters are escaped: & < >. What opens bold, strike,
// italics, code, quotes and emoji has no escape. So names are shown as code, without
// backticks; sentences have look-alikes in the place of what would open something;
// and every text is sent as verbatim, so that Slack itself makes no links and no
// mentions of it.

// slackEscape is Slack's own escape.
func slackEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// slackCode shows a name as inline code of at most limit characters, escaped. It may
// stand at the beginning of a text, after a space or after punctuation.
func slackCode(s string, limit int) string {
	s = slackFit(strings.ReplaceAll(plain(cutBytes(s, 8*limit)), "`", "'"), limit-2, slackEscape)
	if s == "" {
		return "–"
	}
	return "`" + s + "`"
}

// slackCodes shows names as inline code, with commas between, the first few of them.
func slackCodes(names []string, most int) string {
	var all []string
	for _, name := range names[:min(len(names), most)] {
		all = append(all, slackCode(name, slackName))
	}
	words := strings.Join(all, ", ")
	if more := len(names) - len(all); more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	return words
}

// slackWords shows what somebody wrote as plain words within a line, at most limit
// characters of it, escaped.
func slackWords(s string, limit int) string {
	return slackFit(plain(cutBytes(s, 8*limit)), limit, calm)
}

// slackFit cuts a text until what is made of it fits.
func slackFit(s string, limit int, show func(string) string) string {
	for n := limit; n > 0; {
		shown := show(cut(s, n))
		length := slackLength(shown)
		if length <= limit {
			return shown
		}
		n = min(n-1, n*limit/length)
	}
	return ""
}

// calm escapes words and takes what Slack would read as markup out of them.
func calm(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, c := range runes {
		switch {
		case c == '&':
			b.WriteString("&amp;")
		case c == '<':
			b.WriteString("&lt;")
		case c == '>' && i == 0: // a quote, escaped or not
			b.WriteRune('›')
		case c == '>':
			b.WriteString("&gt;")
		case c == '`':
			b.WriteRune('\'')
		case c == '*':
			b.WriteRune('∗')
		case c == '~':
			b.WriteRune('∼')
		case c == '_' && (i == 0 || i+1 == len(runes) || !wordly(runes[i-1]) || !wordly(runes[i+1])):
			b.WriteRune('ˍ')
		default:
			b.WriteRune(c)
			if c == '@' || c == '#' && i+1 < len(runes) && unicode.IsLetter(runes[i+1]) || c == ':' && emojiFollows(runes[i+1:]) {
				b.WriteString(joiner)
			}
		}
	}
	return b.String()
}

// wordly reports whether an underscore beside a character is part of a word.
func wordly(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }

// emojiFollows reports whether a colon in front of some text would begin an emoji or
// an address. What comes after the text may begin with another colon.
func emojiFollows(s []rune) bool {
	for i, c := range s {
		switch {
		case c == ':':
			return i > 0
		case c == '/':
			return i == 0 && len(s) > 1 && s[1] == '/'
		case c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("_+-'`", c):
			return false
		}
	}
	return len(s) > 0
}

// slackPlain shows what somebody wrote in a plain_text object.
func slackPlain(s string, limit int) string {
	return slackFit(plain(cutBytes(s, 8*limit)), limit, func(s string) string {
		return strings.NewReplacer("<", "<"+joiner, "@", "@"+joiner).Replace(s)
	})
}

// slackLink makes a link of a label that somebody may have written. What is no
// address, or a very long one, is left out.
func slackLink(label, address string) string {
	label = strings.ReplaceAll(slackWords(label, slackName), "|", "¦")
	address = slackAddress(address)
	address = strings.ReplaceAll(address, "&", "&amp;")
	if label == "" || address == "" || len(address) > slackMaxLink {
		return label
	}
	return "<" + address + "|" + label + ">"
}

// slackAddress is an absolute address of http or https as Slack takes it, or empty.
func slackAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !slackHost.MatchString(u.Host) {
		return ""
	}
	address = u.String()
	var b strings.Builder
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("<>|\"'`*\\^{}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(address[i])
	}
	if b.Len() > slackMaxAddress {
		return ""
	}
	return b.String()
}

var slackHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$`)

// slackMoment shows a point in time in the time zone of whoever reads it.
func slackMoment(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} at {time}|%s>", t.Unix(), moment(t))
}

// slackMentions calls people by their ids in Slack. What is no id calls nobody and is
// left out.
func slackMentions(ids []string) string {
	var all []string
	for _, id := range ids {
		if slackUserID.MatchString(id) && len(all) < slackMaxMentions {
			all = append(all, "<@"+id+">")
		}
	}
	return strings.Join(all, " ")
}

var slackUserID = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)
