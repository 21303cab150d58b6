package slackapp

import (
	"encoding/json"

	"github.com/penstock-cd/penstock/pipeline"
)

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
