package emulator

import "time"

// Trick makes a delivery an attack, or somebody else's.
type Trick func(*forgery)

// forgery is a request in the making.
type forgery struct {
	body     object // what is signed
	replaced object // what is sent instead, nil for the same
	at       time.Time
	secret   string
	unsigned bool
}

// WrongSecret signs with another secret.
func WrongSecret() Trick { return func(f *forgery) { f.secret = "0123456789abcdef0123456789abcdef" } }

// Unsigned leaves the signature out.
func Unsigned() Trick { return func(f *forgery) { f.unsigned = true } }

// Aged dates the request so long ago, signed as it should be; less than zero is the
// future.
func Aged(by time.Duration) Trick { return func(f *forgery) { f.at = f.at.Add(-by) } }

// Changed sends something else than was signed.
func Changed(change func(map[string]any)) Trick {
	return func(f *forgery) {
		f.replaced = jsonCopy(f.body)
		change(f.replaced)
	}
}

// Edited changes the payload and signs the changed one: what a true Slack never sends.
func Edited(change func(map[string]any)) Trick {
	return func(f *forgery) {
		f.body = jsonCopy(f.body)
		change(f.body)
	}
}

// FromTeam says that the act happened in another workspace, well signed.
func FromTeam(id string) Trick {
	return Edited(func(body map[string]any) {
		if _, slash := body["team_id"]; slash {
			body["team_id"] = id
			return
		}
		body["team"] = object{"id": id, "domain": "elsewhere"}
		if u, ok := body["user"].(object); ok {
			u["team_id"] = id
		}
		if v, ok := body["view"].(object); ok {
			v["team_id"] = id
		}
	})
}

// FromApp says that the act was meant for another app, well signed.
func FromApp(id string) Trick {
	return Edited(func(body map[string]any) { body["api_app_id"] = id })
}
