package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// The forms do what the Go methods of the same name do, as the person chosen, and lead
// back to the page. The script on the page sends them without leaving it.

// act wraps what all forms share.
func (p *pages) act(do func(who string, form url.Values) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		who := r.PostForm.Get("as")
		if err := do(who, r.PostForm); err != nil {
			p.s.warn(who, strings.TrimPrefix(err.Error(), "slack emulator: "))
		}
		back := "/?as=" + url.QueryEscape(who) + "&channel=" + url.QueryEscape(r.PostForm.Get("channel"))
		http.Redirect(w, r, back, http.StatusSeeOther)
	}
}

// warn shows somebody what went wrong.
func (s *Slack) warn(who, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.findUser(who); u != nil {
		s.seen[u.ID] = what
		s.touch()
	}
}

func (p *pages) click(who string, form url.Values) error {
	ts, action, _ := strings.Cut(form.Get("press"), " ")
	_, err := p.s.Click(who, form.Get("channel"), ts, action)
	return err
}

func (p *pages) submit(who string, form url.Values) error {
	values := map[string]string{}
	for name := range form {
		if id, ok := strings.CutPrefix(name, "value."); ok {
			values[id] = strings.ReplaceAll(form.Get(name), "\r\n", "\n")
		}
	}
	_, err := p.s.Submit(who, form.Get("view"), values)
	return err
}

// say types into the box: a command when it begins with a slash.
func (p *pages) say(who string, form url.Values) error {
	text := strings.TrimSpace(form.Get("text"))
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "/"):
		command, rest, _ := strings.Cut(text, " ")
		_, err := p.s.Slash(who, form.Get("channel"), command, strings.TrimSpace(rest))
		return err
	}
	_, err := p.s.Say(who, form.Get("channel"), "", escape(text))
	return err
}
