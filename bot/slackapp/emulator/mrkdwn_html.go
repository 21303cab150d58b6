package emulator

import (
	"html/template"
	"regexp"
	"strings"
	"unicode"
)

// mrkdwn shows Slack's markup. Everything people wrote is escaped.
func (s *Slack) mrkdwn(text string) template.HTML {
	var b strings.Builder
	var held []string // HTML of pieces, each standing as one rune of the private area
	for _, p := range pieces(text) {
		if p.kind == "text" {
			b.WriteString(strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Co, r) {
					return -1
				}
				return r
			}, p.value))
			continue
		}
		b.WriteRune(rune(0xE000 + len(held)))
		held = append(held, s.pieceHTML(p))
	}
	var out strings.Builder
	for i, part := range strings.Split(b.String(), "```") {
		if i%2 == 1 {
			out.WriteString("<pre>" + template.HTMLEscapeString(strings.Trim(part, "\n")) + "</pre>")
			continue
		}
		for n, line := range strings.Split(strings.Trim(part, "\n"), "\n") {
			if n > 0 {
				out.WriteString("<br>")
			}
			if quoted, ok := strings.CutPrefix(line, ">"); ok {
				out.WriteString("<span class=\"quote\">" + inline(strings.TrimSpace(quoted)) + "</span>")
				continue
			}
			out.WriteString(inline(line))
		}
	}
	var whole strings.Builder
	for _, r := range out.String() {
		if i := int(r) - 0xE000; i >= 0 && i < len(held) {
			whole.WriteString(held[i])
			continue
		}
		whole.WriteRune(r)
	}
	return template.HTML(whole.String()) //nolint:gosec // all of it was escaped above
}

func (s *Slack) pieceHTML(p piece) string {
	shown := template.HTMLEscapeString(s.shown(p))
	switch {
	case p.kind == "link" && (strings.HasPrefix(p.value, "https://") || strings.HasPrefix(p.value, "http://")):
		return `<a href="` + template.HTMLEscapeString(p.value) + `" target="_blank" rel="noopener noreferrer">` + shown + `</a>`
	case p.kind == "user", p.kind == "special", p.kind == "subteam":
		return `<span class="mention">` + shown + `</span>`
	case p.kind == "channel":
		return `<span class="mention soft">` + shown + `</span>`
	}
	return shown
}

// inline shows bold, italic, struck and code within a line.
func inline(line string) string {
	tags := map[rune]string{'*': "b", '_': "i", '~': "s", '`': "code"}
	r := []rune(line)
	var b strings.Builder
	plain := func(text []rune) { b.WriteString(template.HTMLEscapeString(emojis(string(text)))) }
	from := 0
	for i := 0; i < len(r); i++ {
		tag := tags[r[i]]
		end := -1
		if tag != "" && (i == 0 || !wordly(r[i-1])) {
			end = closing(r, i)
		}
		if end < 0 {
			continue
		}
		plain(r[from:i])
		inside := string(r[i+1 : end])
		if tag == "code" {
			inside = template.HTMLEscapeString(inside)
		} else {
			inside = inline(inside)
		}
		b.WriteString("<" + tag + ">" + inside + "</" + tag + ">")
		i, from = end, end+1
	}
	plain(r[from:])
	return b.String()
}

// closing finds the mark that ends what the one at i begins, -1 for none.
func closing(r []rune, i int) int {
	for j := i + 2; j < len(r); j++ {
		if r[j] != r[i] || j+1 < len(r) && wordly(r[j+1]) {
			continue
		}
		if r[i] == '`' || !unicode.IsSpace(r[i+1]) && !unicode.IsSpace(r[j-1]) {
			return j
		}
	}
	return -1
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// lines keeps the line breaks of escaped text.
func lines(escaped string) template.HTML {
	return template.HTML(strings.ReplaceAll(escaped, "\n", "<br>")) //nolint:gosec // escaped by the caller
}

var shortcode = regexp.MustCompile(`:[a-z0-9_+-]+:`)

// emojis shows the few shortcodes that appear in delivery; others stay as they are.
func emojis(text string) string {
	return shortcode.ReplaceAllStringFunc(text, func(code string) string {
		for name, emoji := range map[string]string{
			"white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "warning": "⚠️", "rocket": "🚀", "hourglass": "⌛",
			"hourglass_flowing_sand": "⏳", "no_entry": "⛔", "no_entry_sign": "🚫", "lock": "🔒", "eyes": "👀", "tada": "🎉",
			"arrow_forward": "▶️", "large_green_circle": "🟢", "red_circle": "🔴", "large_yellow_circle": "🟡", "white_circle": "⚪",
			"large_blue_circle": "🔵", "information_source": "ℹ️", "bell": "🔔", "no_bell": "🔕", "+1": "👍", "-1": "👎", "link": "🔗",
			"fast_forward": "⏩", "stop_sign": "🛑", "octagonal_sign": "🛑", "alarm_clock": "⏰", "construction": "🚧", "hand": "✋",
			"raised_hand": "✋", "vertical_traffic_light": "🚦", "double_vertical_bar": "⏸️", "leftwards_arrow_with_hook": "↩️",
		} {
			if code == ":"+name+":" {
				return emoji
			}
		}
		return code
	})
}
