package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// apiError is an answer with ok: false.
type apiError struct {
	word     string
	messages []string // what exactly is wrong with blocks or arguments
	needed   string
	provided string
	status   int // 200 when 0
	after    time.Duration
}

func (e *apiError) Error() string { return e.word }

// fail is a refusal in one of Slack's words.
func fail(word string) error { return &apiError{word: word} }

// method is one method of the Web API.
type method struct {
	name   string
	level  string     // the kind of token: "bot" or "app"; "" takes both
	scopes [][]string // one of each
	tier   int        // requests a minute; 0 has no tier
	run    func(*Slack, *call) (object, error)
}

// call is one request on its way through; run gets it with the lock held.
type call struct {
	params
	token   *token
	channel *channel // of methods that found one
	ts      string
}

func (c *call) may(scope string) bool { return slices.Contains(c.token.scopes, scope) }

func methods() []method {
	write, read := [][]string{{"chat:write"}}, [][]string{{"users:read"}}
	return []method{
		{name: "auth.test", run: (*Slack).authTest},
		{name: "chat.postMessage", level: "bot", scopes: write, run: (*Slack).postMessage},
		{name: "chat.update", level: "bot", scopes: write, tier: 50, run: (*Slack).updateMessage},
		{name: "chat.delete", level: "bot", scopes: write, tier: 50, run: (*Slack).deleteMessage},
		{name: "chat.postEphemeral", level: "bot", scopes: write, tier: 100, run: (*Slack).postEphemeral},
		{name: "chat.getPermalink", level: "bot", run: (*Slack).getPermalink},
		{name: "conversations.info", level: "bot", scopes: [][]string{{"channels:read", "groups:read", "im:read"}}, tier: 50, run: (*Slack).conversationInfo},
		{name: "conversations.open", level: "bot", scopes: [][]string{{"im:write"}}, tier: 50, run: (*Slack).openConversation},
		{name: "users.info", level: "bot", scopes: read, tier: 100, run: (*Slack).userInfo},
		{name: "users.lookupByEmail", level: "bot", scopes: [][]string{{"users:read.email"}}, tier: 50, run: (*Slack).lookupByEmail},
		{name: "views.open", level: "bot", tier: 100, run: (*Slack).openView},
		{name: "views.update", level: "bot", tier: 100, run: (*Slack).updateView},
		{name: "apps.connections.open", level: "app", scopes: [][]string{{"connections:write"}}, tier: 20, run: (*Slack).openConnection},
	}
}

// serveAPI answers one request to the Web API.
func (s *Slack) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	answer, scopes, err := s.callAPI(name, r)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if scopes != nil {
		w.Header().Set("X-OAuth-Scopes", strings.Join(scopes, ","))
	}
	status := http.StatusOK
	var e *apiError
	if errors.As(err, &e) {
		answer = e.json()
		if e.status != 0 {
			status = e.status
		}
		if e.after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(max(1, int((e.after+time.Second-1)/time.Second))))
		}
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (e *apiError) json() object {
	answer := object{"ok": false, "error": e.word}
	if e.messages != nil {
		var plain []string
		for _, m := range e.messages {
			plain = append(plain, strings.TrimPrefix(m, "[ERROR] "))
		}
		answer["errors"] = plain
		answer["response_metadata"] = object{"messages": e.messages}
	}
	if e.needed != "" {
		answer["needed"], answer["provided"] = e.needed, e.provided
	}
	return answer
}

// callAPI does what is asked, under the lock, and writes it down.
func (s *Slack) callAPI(name string, r *http.Request) (answer object, scopes []string, err error) {
	p, value, err := readParams(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{params: p}
	defer func() {
		entry := Call{Method: name, Channel: p.get("channel"), TS: c.ts, At: time.Now()}
		if c.channel != nil {
			entry.Channel = c.channel.ID
		}
		if err != nil {
			entry.Error = err.Error()
		}
		s.calls = append(s.calls, entry)
		s.touch()
	}()
	if err != nil {
		return nil, nil, err
	}
	all := methods()
	i := slices.IndexFunc(all, func(m method) bool { return m.name == name })
	if i < 0 {
		return nil, nil, fail("unknown_method")
	}
	if c.token, err = s.authorize(all[i], value); err != nil {
		return nil, nil, err
	}
	if err := s.limit(all[i], p); err != nil {
		return nil, c.token.scopes, err
	}
	if answer, err = all[i].run(s, c); err != nil {
		return nil, c.token.scopes, err
	}
	answer["ok"] = true
	return answer, c.token.scopes, nil
}

// authorize finds the token and holds it against what the method needs.
func (s *Slack) authorize(m method, value string) (*token, error) {
	t := s.tokens[value]
	switch {
	case value == "":
		return nil, fail("not_authed")
	case t == nil:
		return nil, fail("invalid_auth")
	case t.revoked:
		return nil, fail("token_revoked")
	case m.level != "" && m.level != t.level:
		return nil, fail("not_allowed_token_type")
	}
	for _, alternatives := range m.scopes {
		if !slices.ContainsFunc(alternatives, func(scope string) bool { return slices.Contains(t.scopes, scope) }) {
			return nil, missingScope(t, alternatives...)
		}
	}
	return t, nil
}

func missingScope(t *token, needed ...string) error {
	return &apiError{word: "missing_scope", needed: strings.Join(needed, ","), provided: strings.Join(t.scopes, ",")}
}

func (s *Slack) authTest(c *call) (object, error) {
	answer := object{
		"url": fmt.Sprintf("https://%s.slack.com/", s.team.Domain), "team": s.team.Name, "team_id": s.team.ID,
		"user": s.app.BotUser, "user_id": s.app.userID, "bot_id": s.app.botID, "is_enterprise_install": false,
	}
	if c.token.level == "app" {
		return object{"app_name": s.app.Name, "app_id": s.app.ID}, nil
	}
	return answer, nil
}
