package slackapp

import (
	"encoding/json"
	"regexp"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Click is a press on a button of a message.
type Click struct {
	ID string // of the Received
	// Team is the workspace in which it happened; EnterpriseTeam is its
	// organization, or empty; App is the app whose message it is.
	Team, EnterpriseTeam, App string
	// User is who clicked, UserTeam the workspace that their account is of, and
	// UserName for display.
	User, UserName, UserTeam string
	Channel                  string
	MessageTS                int64 // microseconds
	ActionID, Value          string
	// TriggerID opens a modal within three seconds; ResponseURL is for Whisper.
	TriggerID, ResponseURL string
	At                     time.Time // zero if Slack does not say
}

// Submission is a modal that was filled in.
type Submission struct {
	ID                        string // of the Received
	Team, EnterpriseTeam, App string
	User, UserName, UserTeam  string
	CallbackID                string
	Metadata                  string // private_metadata
	// Values are what was filled in, by block id. Of a block with more than one
	// element it is the first by its action id.
	Values map[string]string
	ViewID string
}

// SlashCommand is a command that was typed.
type SlashCommand struct {
	ID                        string // of the Received
	Team, EnterpriseTeam, App string
	User, UserName            string
	Channel                   string
	Command                   string // with the slash
	Text                      string
	TriggerID, ResponseURL    string
}

// Parse reads what was received: a Click, a Submission or a SlashCommand. The error
// is of kind Invalid. Ids have the form of Slack's ids; all else is as people wrote
// it. Of more than one pressed button it takes the first.
func Parse(r Received) (any, error) {
	switch r.Kind {
	case KindClick:
		return parseClick(r)
	case KindSubmission:
		return parseSubmission(r)
	case KindCommand:
		return parseCommand(r)
	}
	return nil, pipeline.Errorf(pipeline.Invalid, "%q is no kind of event that Slack sends", clip(r.Kind))
}

// payload is as much of an interaction as we look at.
type payload struct {
	Type       string `json:"type"`
	APIAppID   string `json:"api_app_id"`
	TriggerID  string `json:"trigger_id"`
	Response   string `json:"response_url"`
	Team       named  `json:"team"`
	Enterprise named  `json:"enterprise"`
	Channel    named  `json:"channel"`
	User       struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Username string `json:"username"`
		TeamID   string `json:"team_id"`
	} `json:"user"`
	Container struct {
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
	} `json:"container"`
	Message struct {
		TS string `json:"ts"`
	} `json:"message"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
		ActionTS string `json:"action_ts"`
	} `json:"actions"`
	View struct {
		ID         string `json:"id"`
		CallbackID string `json:"callback_id"`
		Metadata   string `json:"private_metadata"`
		State      struct {
			Values map[string]map[string]element `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

type named struct {
	ID string `json:"id"`
}

// element is what was filled into one element of a modal.
type element struct {
	Value    string `json:"value"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

func parsePayload(r Received) (payload, error) {
	var p payload
	if err := json.Unmarshal(r.Body, &p); err != nil || p.Type != r.Kind {
		return payload{}, malformed("a " + r.Kind)
	}
	// An app of a whole organization is told no workspace: it is that of the person.
	p.Team.ID = firstOf(p.Team.ID, p.User.TeamID)
	p.User.TeamID = firstOf(p.User.TeamID, p.Team.ID)
	p.User.Name = firstOf(p.User.Name, p.User.Username)
	p.Channel.ID = firstOf(p.Channel.ID, p.Container.ChannelID)
	return p, checkIDs(
		id{"workspace", p.Team.ID, true}, id{"workspace", p.User.TeamID, true}, id{"organization", p.Enterprise.ID, false},
		id{"app", p.APIAppID, false}, id{"user", p.User.ID, true}, id{"channel", p.Channel.ID, false})
}

func parseClick(r Received) (any, error) {
	p, err := parsePayload(r)
	if err != nil {
		return nil, err
	}
	if len(p.Actions) == 0 {
		return nil, malformed("a click on nothing")
	}
	action := p.Actions[0]
	click := Click{
		ID: r.ID, Team: p.Team.ID, EnterpriseTeam: p.Enterprise.ID, App: p.APIAppID,
		User: p.User.ID, UserName: p.User.Name, UserTeam: p.User.TeamID, Channel: p.Channel.ID,
		ActionID: action.ActionID, Value: action.Value, TriggerID: p.TriggerID, ResponseURL: p.Response,
	}
	if ts := firstOf(p.Container.MessageTS, p.Message.TS); ts != "" {
		if click.MessageTS, err = parseTimestamp(ts); err != nil {
			return nil, err
		}
	}
	if at, err := parseTimestamp(action.ActionTS); err == nil {
		click.At = time.UnixMicro(at).UTC()
	}
	return click, nil
}

func parseSubmission(r Received) (any, error) {
	p, err := parsePayload(r)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(p.View.State.Values))
	for block, elements := range p.View.State.Values {
		first := ""
		for action, e := range elements {
			if first == "" || action < first {
				first, values[block] = action, firstOf(e.Value, e.Selected.Value)
			}
		}
	}
	return Submission{
		ID: r.ID, Team: p.Team.ID, EnterpriseTeam: p.Enterprise.ID, App: p.APIAppID,
		User: p.User.ID, UserName: p.User.Name, UserTeam: p.User.TeamID,
		CallbackID: p.View.CallbackID, Metadata: p.View.Metadata, Values: values, ViewID: p.View.ID,
	}, nil
}

func parseCommand(r Received) (any, error) {
	var p struct {
		Team       string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
		App        string `json:"api_app_id"`
		User       string `json:"user_id"`
		UserName   string `json:"user_name"`
		Channel    string `json:"channel_id"`
		Command    string `json:"command"`
		Text       string `json:"text"`
		TriggerID  string `json:"trigger_id"`
		Response   string `json:"response_url"`
	}
	if err := json.Unmarshal(r.Body, &p); err != nil || p.Command == "" {
		return nil, malformed("a slash command")
	}
	err := checkIDs(id{"workspace", p.Team, true}, id{"organization", p.Enterprise, false}, id{"app", p.App, false},
		id{"user", p.User, true}, id{"channel", p.Channel, false})
	if err != nil {
		return nil, err
	}
	return SlashCommand{
		ID: r.ID, Team: p.Team, EnterpriseTeam: p.Enterprise, App: p.App, User: p.User, UserName: p.UserName,
		Channel: p.Channel, Command: p.Command, Text: p.Text, TriggerID: p.TriggerID, ResponseURL: p.Response,
	}, nil
}

// id is an id that something came with.
type id struct {
	name, id string
	required bool
}

func checkIDs(list ...id) error {
	for _, i := range list {
		if i.id == "" && !i.required {
			continue
		}
		if err := checkID(i.name, i.id); err != nil {
			return err
		}
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,63}$`)

// checkID refuses what could not be one of Slack's ids; name says of what.
func checkID(name, id string) error {
	if !idPattern.MatchString(id) {
		return pipeline.Errorf(pipeline.Invalid, "%q is not the id of a %s in Slack", clip(id), name)
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// clip makes a text short enough for an error.
func clip(text string) string { return text[:min(len(text), 64)] }
