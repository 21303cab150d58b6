package emulator

import (
	"encoding/base64"
	"fmt"
)

// state is everything the emulator remembers besides git objects and refs.
// GitHub.mu guards it.
type state struct {
	lastID int64 // one sequence for all kinds: a mixed-up id never fits by chance

	users          map[int64]*user
	teams          map[int64]*team
	repositories   map[int64]*repository
	moved          map[string]int64 // id by the full name that a repository had, in lower case
	apps           map[int64]*app
	installations  map[int64]*installation
	tokens         map[string]*installationToken
	userTokens     map[string]*userToken
	authorizations map[string]authorization // by code
	newApps        map[string]newApp        // by code
	suites         map[int64]*checkSuite
	runs           map[int64]*checkRun
	// by commit, oldest first
	suitesAt   map[commitKey][]*checkSuite
	runsAt     map[commitKey][]*checkRun
	statusesAt map[commitKey][]*status
	comments   map[int64]*comment
	reactions  map[int64]*reaction

	deployments []*deployment // oldest first

	writes     []*Write
	reads      []string    // paths
	deliveries []*Delivery // attempts, in the order they were created
	queue      deliveryQueue
	injections []injection
	limits     limiter

	statelessTokens bool
	usedPermissions map[string][]string // by the alternatives joined
}

func newState() state {
	return state{
		lastID:         1000,
		users:          map[int64]*user{},
		teams:          map[int64]*team{},
		repositories:   map[int64]*repository{},
		moved:          map[string]int64{},
		apps:           map[int64]*app{},
		installations:  map[int64]*installation{},
		tokens:         map[string]*installationToken{},
		userTokens:     map[string]*userToken{},
		authorizations: map[string]authorization{},
		newApps:        map[string]newApp{},
		suites:         map[int64]*checkSuite{},
		runs:           map[int64]*checkRun{},
		suitesAt:       map[commitKey][]*checkSuite{},
		runsAt:         map[commitKey][]*checkRun{},
		statusesAt:     map[commitKey][]*status{},
		comments:       map[int64]*comment{},
		reactions:      map[int64]*reaction{},
		queue:          newDeliveryQueue(),

		usedPermissions: map[string][]string{},
		limits:          newLimiter(),
	}
}

// commitKey names a commit of a repository.
type commitKey struct {
	repository int64
	sha        string
}

// nextID hands out ids: increasing, never reused.
func (g *GitHub) nextID() int64 {
	g.lastID++
	return g.lastID
}

// touch wakes everyone in Await. Call it after every change of state.
func (g *GitHub) touch() {
	g.mu.Touch()
}

// nodeID looks like GitHub's global ids; nobody should read it.
func nodeID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%03d:%s%d", len(kind), kind, id))
}
