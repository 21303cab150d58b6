package emulator

import (
	"regexp"
	"strings"
	"testing"
)

// An internal test: the renderer's promise is about text, not about pages.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"paragraph", "a\nb\n\nc", "<p>a<br>b</p><p>c</p>"},
		{"heading", "## Two", "<h4>Two</h4>"},
		{"list", "- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"},
		{"code", "```sh\n<b> **x**\n```\nafter", "<pre>&lt;b&gt; **x**\n</pre><p>after</p>"},
		{"span", "`**a** <b>` and `c`", "<p><code>**a** &lt;b&gt;</code> and <code>c</code></p>"},
		{"table", "| a | b |\n|---|:-:|\n| 1 | x \\| y |", "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x | y</td></tr></table>"},
		{"link", "[run](http://127.0.0.1/a?b=1&c=2)", `<p><a href="http://127.0.0.1/a?b=1&amp;c=2">run</a></p>`},
		{"bare link", "see http://a/b.", `<p>see <a href="http://a/b">http://a/b</a>.</p>`},
		{"no script link", "[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"},
		{"quotes cannot leave an attribute", `[x](http://a/" onclick="b)`, `<p>[x](<a href="http://a/">http://a/</a>&#34; onclick=&#34;b)</p>`},
		{"hidden", "<!-- marker -->seen<!-- open", "<p>seen</p>"},
		{"escaped", "louder \\(\\#1\\) \\*\\*x\\*\\* \\\\ a\\b", "<p>louder (#1) **x** \\ a\\b</p>"},
		{"escaped backquote", "\\`a` b", "<p>`a` b</p>"},
		{"longer span", "`` a`b `` and ``c", "<p><code>a`b</code> and ``c</p>"},
		{"entity", "&lt;b&gt; &#42;&#42;x&#42;&#42; &copy;", "<p>&lt;b&gt; &#42;&#42;x&#42;&#42; &amp;copy;</p>"},
		{"pair of tags", "<b>a&amp;b</b> <b>open", "<p><b>a&amp;b</b> &lt;b&gt;open</p>"},
		{"longer fence", "````\n```\nx\n`````\ny", "<pre>```\nx\n</pre><p>y</p>"},
		{"unbegun folding", "</details>a", "a"},
		{"unended folding", "<details><summary>S", "<details><summary>S</summary></details>"},
		{"folded", "<details><summary>S</summary>\n\nin\n\n</details>", "<details><summary>S</summary><p>in</p></details>"},
		{"no other tags", "<img src=x onerror=y>", "<p>&lt;img src=x onerror=y&gt;</p>"},
		{"no attributes", `<details onclick="x">`, "&lt;details onclick=&#34;x&#34;&gt;"},
	} {
		if got := string(markdown(tt.in)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// Whatever is written, only the tags of our own making come out.
func FuzzMarkdown(f *testing.F) {
	f.Add("<details open><script>`x` [a](http://b\"c) | - > # ```")
	tag := regexp.MustCompile(`</?([a-zA-Z0-9]+)( open| href="https?://[^"<>]*")?>`)
	f.Fuzz(func(t *testing.T, text string) {
		rest := tag.ReplaceAllString(string(markdown(text)), "")
		if strings.ContainsAny(rest, "<>") {
			t.Errorf("%q leaves %q", text, rest)
		}
	})
}
