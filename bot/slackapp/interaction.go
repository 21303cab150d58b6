package slackapp

import (
	"encoding/json"
	"time"
)

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
