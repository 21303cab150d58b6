package slackapp

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// refusal is what one of Slack's codes means: its kind, and what happened and who
// has to do what.
type refusal struct {
	kind   pipeline.Kind
	says   string
	access bool // the app itself is not let in
}

// refusals are Slack's codes that we know. Those of a missing scope and unknown
// ones are put into words by explainRefusal.
func refusals() map[string]refusal {
	const (
		newToken = "; the operator has to give Penstock the token of the app's page in Slack"
		ask      = "; ask an admin of the Slack workspace"
		ours     = "; this is a mistake of Penstock's, please report it"
	)
	noEntry := func(says string) refusal { return refusal{pipeline.Forbidden, says, true} }
	forbidden := func(says string) refusal { return refusal{pipeline.Forbidden, says, false} }
	notFound := func(says string) refusal { return refusal{pipeline.NotFound, says, false} }
	invalid := func(says string) refusal { return refusal{pipeline.Invalid, says, false} }
	late := refusal{pipeline.Conflict, "the moment to open the window is over: click again", false}
	passing := func(says string) refusal { return refusal{pipeline.Unavailable, says, false} }
	return map[string]refusal{
		"invalid_auth":                             noEntry("Slack does not know the token" + newToken),
		"not_authed":                               noEntry("Slack was given no token" + newToken),
		"token_expired":                            noEntry("the token has expired" + newToken),
		"token_revoked":                            noEntry("the token was revoked: install the app again and give Penstock its new token"),
		"account_inactive":                         noEntry("the app was removed or its bot deactivated: install the app again and give Penstock its new token"),
		"not_allowed_token_type":                   noEntry("this kind of token may not do that: the bot token starts with xoxb-, the app-level token with xapp-"),
		"invalid_app":                              noEntry("Slack does not know the app of this token" + newToken),
		"forbidden_team":                           noEntry("the workspace does not allow the app" + ask),
		"team_access_not_granted":                  noEntry("the app is not granted this workspace" + ask),
		"access_denied":                            noEntry("Slack denies the app access" + ask),
		"ekm_access_denied":                        noEntry("an admin has suspended the use of this workspace" + ask),
		"org_login_required":                       noEntry("the workspace is being moved to an organization" + ask),
		"accesslimited":                            noEntry("Slack does not take requests from this address" + ask),
		"enterprise_is_restricted":                 noEntry("the organization does not allow this" + ask),
		"two_factor_setup_required":                noEntry("the workspace wants two-factor authentication set up" + ask),
		"no_permission":                            forbidden("the app has not the permission: install it again with the scopes of its manifest"),
		"not_in_channel":                           forbidden("the app is not in the channel: invite it there with /invite"),
		"is_archived":                              forbidden("the channel is archived: unarchive it, or take it out of Penstock's settings"),
		"restricted_action":                        forbidden("the workspace does not let the app post there" + ask),
		"restricted_action_read_only_channel":      forbidden("the channel is read-only" + ask),
		"restricted_action_thread_only_channel":    forbidden("the channel takes only replies in threads" + ask),
		"restricted_action_thread_locked":          forbidden("the thread is locked" + ask),
		"restricted_action_non_threadable_channel": forbidden("the channel takes no replies in threads" + ask),
		"ekm_disabled":                             forbidden("the channel is closed by the organization" + ask),
		"cannot_dm_bot":                            forbidden("bots get no direct messages"),
		"messages_tab_disabled":                    forbidden("the app takes no direct messages: switch on the Messages tab under App Home"),
		"user_disabled":                            forbidden("the person's account is deactivated"),
		"user_not_visible":                         forbidden("the app may not see this person" + ask),
		"cant_update_message":                      forbidden("the message is not the app's own"),
		"edit_window_closed":                       forbidden("the workspace lets nobody edit messages of that age" + ask),
		"channel_is_limited_access":                forbidden("the channel is open to few people only" + ask),
		"channel_not_found":                        notFound("there is no such channel, or the app cannot see it: check the id, and invite the app if the channel is private"),
		"message_not_found":                        notFound("somebody deleted the message"),
		"thread_not_found":                         notFound("somebody deleted the message of the thread"),
		"user_not_found":                           notFound("there is no such person in this workspace"),
		"users_not_found":                          notFound("there is no such person in this workspace"),
		"user_not_in_channel":                      notFound("the person is not in the channel"),
		"view_not_found":                           notFound("the window is closed"),
		"block_mismatch":                           invalid("the blocks do not fit the message" + ours),
		"method_not_supported_for_channel_type":    invalid("this is not done in such a channel"),
		"invalid_blocks":                           invalid("Slack does not take the blocks" + ours),
		"invalid_blocks_format":                    invalid("Slack does not take the blocks" + ours),
		"msg_too_long":                             invalid("the message is too long" + ours),
		"msg_blocks_too_long":                      invalid("the blocks are too long" + ours),
		"no_text":                                  invalid("the message has no text" + ours),
		"invalid_arguments":                        invalid("Slack does not take the arguments" + ours),
		"expired_trigger_id":                       late,
		"exchanged_trigger_id":                     late,
		"trigger_exchanged":                        late,
		"trigger_expired":                          late,
		"invalid_trigger":                          late,
		"invalid_trigger_id":                       late,
		"ratelimited":                              passing("Slack takes no more for now"),
		"rate_limited":                             passing("Slack takes no more for now"),
		"message_limit_exceeded":                   passing("the workspace takes no more messages for now"),
		"internal_error":                           passing("Slack has an internal error"),
		"fatal_error":                              passing("Slack has an internal error"),
		"service_unavailable":                      passing("Slack is not available"),
		"request_timeout":                          passing("Slack did not get all of the request"),
		"team_added_to_org":                        passing("the workspace is being moved to an organization"),
	}
}

var (
	codePattern  = regexp.MustCompile(`^[a-z_]{2,64}$`)
	scopePattern = regexp.MustCompile(`^[a-z_]{2,32}(:[a-z_.]{2,32}){0,2}$`)
)

// knownCode is a code that can be shown and counted, or "other": what does not look
// like one of Slack's may be anything.
func knownCode(code string) string {
	if !codePattern.MatchString(code) {
		return "other"
	}
	return code
}

// explainRefusal turns Slack's "ok": false into words.
func (a *App) explainRefusal(subject string, h head, e slack.SlackErrorResponse) error {
	code := knownCode(e.Err)
	if code == "missing_scope" {
		return refused(subject, code, refusal{kind: pipeline.Forbidden,
			says: fmt.Sprintf("the app lacks the scope %s: add it under OAuth & Permissions and install the app again", scopes(e.Needed))})
	}
	r, ok := refusals()[code]
	if !ok {
		r = refusal{kind: pipeline.Invalid, says: "Slack refused with " + code}
	}
	if r.kind == pipeline.Unavailable {
		return calls.Unavailable(h.retryAfter, nil, "%s: %s", subject, r.says)
	}
	if r.kind == pipeline.Invalid && len(e.ResponseMetadata.Messages) > 0 {
		r.says += ": " + a.secrets.scrub(strings.Join(e.ResponseMetadata.Messages, "; "))
	}
	return refused(subject, code, r)
}

func refused(subject, code string, r refusal) error {
	return &pipeline.Error{Kind: r.kind, Message: subject + ": " + r.says + " (" + code + ")", Err: refusedError{code, r.access}}
}

// scopes lists those of a text that look like scopes.
func scopes(text string) string {
	var list []string
	for _, s := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		if scopePattern.MatchString(s) && len(list) < 10 {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return "that this takes"
	}
	return strings.Join(list, ", ")
}
