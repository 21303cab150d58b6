package emulator

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// markdown renders the little of GitHub's Markdown that checks and comments use:
// paragraphs, headings, lists, tables, quotes, code, bold, links, details. All
// text is escaped first, so nothing of an author's HTML survives except a few
// tags without attributes; HTML comments are dropped.
func markdown(text string) template.HTML {
	m := renderer{}
	text = hiddenComment.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), "")
	for line := range strings.SplitSeq(text, "\n") {
		m.line(line)
	}
	m.leave()
	return template.HTML(balance(m.out.String())) // escaped piece by piece
}

var (
	hiddenComment = regexp.MustCompile(`(?s)<!--.*?(-->|$)`)
	tableRule     = regexp.MustCompile(`^\s*\|?\s*:?-{1,}:?\s*(\|\s*:?-{1,}:?\s*)*\|?\s*$`)
	numbered      = regexp.MustCompile(`^\d+\. `)
	foldTag       = regexp.MustCompile(`</?(details|summary)( open)?>`)
)

type renderer struct {
	out   strings.Builder
	block string   // the open block: p, ul, ol, blockquote, pre, table or nothing
	fence string   // what ends the open code block
	rows  []string // lines of a possible table
}

func (m *renderer) line(line string) {
	if m.block == "pre" {
		if end := strings.TrimSpace(line); strings.HasPrefix(end, m.fence) && strings.Trim(end, m.fence[:1]) == "" {
			m.leave()
			return
		}
		m.out.WriteString(html.EscapeString(line) + "\n")
		return
	}
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "|") {
		m.enter("table")
		m.rows = append(m.rows, trimmed)
		return
	}
	switch {
	case trimmed == "":
		m.leave()
	case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
		m.leave()
		m.fence = strings.TrimRight(trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`~"))], " ")
		m.enter("pre")
	case heading(trimmed) > 0:
		m.leave()
		n := heading(trimmed)
		tag := string(rune('0' + min(n+2, 6)))
		m.out.WriteString("<h" + tag + ">" + inline(trimmed[n+1:]) + "</h" + tag + ">")
	case strings.HasPrefix(trimmed, "- ") || strings.HasPrefix(trimmed, "* "):
		m.enter("ul")
		m.out.WriteString("<li>" + inline(trimmed[2:]) + "</li>")
	case numbered.MatchString(trimmed):
		m.enter("ol")
		m.out.WriteString("<li>" + inline(numbered.ReplaceAllString(trimmed, "")) + "</li>")
	case strings.HasPrefix(trimmed, ">"):
		m.enter("blockquote")
		m.out.WriteString(inline(strings.TrimSpace(trimmed[1:])) + "<br>")
	case trimmed == "---" || trimmed == "***":
		m.leave()
		m.out.WriteString("<hr>")
	case isFold(trimmed):
		m.leave()
		m.out.WriteString(inline(trimmed))
	default:
		if m.block == "p" {
			m.out.WriteString("<br>")
		}
		m.enter("p")
		m.out.WriteString(inline(trimmed))
	}
}

// balance drops what ends a folding that nobody began, and ends those left open:
// a text cannot fold the page around it.
func balance(markup string) string {
	open := map[string]int{}
	markup = foldTag.ReplaceAllStringFunc(markup, func(tag string) string {
		name := foldTag.FindStringSubmatch(tag)[1]
		if !strings.HasPrefix(tag, "</") {
			open[name]++
			return tag
		}
		if open[name] == 0 {
			return ""
		}
		open[name]--
		return tag
	})
	return markup + strings.Repeat("</summary>", open["summary"]) + strings.Repeat("</details>", open["details"])
}

func heading(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "#"))
	if n == 0 || n > 6 || len(s) <= n || s[n] != ' ' {
		return 0
	}
	return n
}

func isFold(s string) bool {
	for _, tag := range []string{"<details", "</details", "<summary", "</summary"} {
		if strings.HasPrefix(s, tag) {
			return true
		}
	}
	return false
}

func (m *renderer) enter(block string) {
	if m.block == block {
		return
	}
	m.leave()
	m.block = block
	if block != "table" {
		m.out.WriteString("<" + block + ">")
	}
}

func (m *renderer) leave() {
	switch m.block {
	case "":
	case "table":
		m.table()
	default:
		m.out.WriteString("</" + m.block + ">")
	}
	m.block, m.rows = "", nil
}

func (m *renderer) table() {
	if len(m.rows) < 2 || !tableRule.MatchString(m.rows[1]) {
		m.out.WriteString("<p>" + inline(strings.Join(m.rows, "\n")) + "</p>")
		return
	}
	m.out.WriteString("<table>")
	for i, row := range m.rows {
		if i == 1 {
			continue
		}
		cell := "td"
		if i == 0 {
			cell = "th"
		}
		m.out.WriteString("<tr>")
		for _, text := range cells(row) {
			m.out.WriteString("<" + cell + ">" + inline(text) + "</" + cell + ">")
		}
		m.out.WriteString("</tr>")
	}
	m.out.WriteString("</table>")
}

// cells splits a row; \| is a bar inside a cell.
func cells(row string) []string {
	const bar = "\x00"
	row = strings.ReplaceAll(strings.Trim(row, " "), `\|`, bar)
	row = strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|")
	parts := strings.Split(row, "|")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(strings.ReplaceAll(p, bar, "|"))
	}
	return parts
}
