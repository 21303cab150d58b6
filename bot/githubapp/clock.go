package githubapp

import (
	"fmt"
	"net/http"
	"time"
)

// clockTolerance is how far the two clocks may differ before it is worth a word:
// GitHub takes signatures that are a minute old at most.
const clockTolerance = 30 * time.Second

// unknownApp says why GitHub may not know the app by its signature: the key, or a
// clock that is off, if GitHub's answer shows whose it is.
func (a *App) unknownApp(err error) string {
	const key = "GitHub does not know the app by this key: the app id or the private key is wrong"
	r := responseOf(err)
	if r == nil {
		return key
	}
	theirs, wrong := http.ParseTime(r.Header.Get("Date"))
	if wrong != nil {
		return key + ", or this machine's clock is off"
	}
	switch ahead := a.now().Sub(theirs).Round(time.Second); {
	case ahead > clockTolerance:
		return fmt.Sprintf("GitHub does not take the app's signature: this machine's clock is %s ahead of GitHub's", ahead)
	case ahead < -clockTolerance:
		return fmt.Sprintf("GitHub does not take the app's signature: this machine's clock is %s behind GitHub's", -ahead)
	}
	return key
}
