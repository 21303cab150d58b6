package storagetest

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// memoryClaim is a place in the line for an environment.
type memoryClaim struct {
	pipeline.EnvironmentClaim
	key     pipeline.StateKey
	granted bool
}

func ofPipeline(key pipeline.StateKey) pipeline.StateKey {
	key.Lane = pipeline.Lane{}
	return key
}

func (m *Memory) saveDoors(turn *pipeline.Turn) {
	key, everybody := ofPipeline(turn.Key), false
	for _, door := range turn.Transitions {
		m.doors[key] = slices.DeleteFunc(m.doors[key], func(have pipeline.Transition) bool {
			return have.Stage == door.Stage && have.Lane == door.Lane
		})
		m.doors[key] = append(m.doors[key], door)
		everybody = everybody || door.Lane == pipeline.Lane{}
	}
	if everybody {
		m.wakeOthers(turn.Key, ofPipeline)
	}
}

func ofRepository(key pipeline.StateKey) pipeline.StateKey {
	return pipeline.StateKey{Host: key.Host, RepositoryID: key.RepositoryID}
}

func (m *Memory) locked(key pipeline.StateKey, environment string) bool {
	return slices.ContainsFunc(m.lockouts[ofRepository(key)], func(l pipeline.EnvironmentLockout) bool { return l.Environment == environment })
}

func (m *Memory) saveLockouts(turn *pipeline.Turn) {
	key := ofRepository(turn.Key)
	for _, l := range turn.Lockouts {
		m.lockouts[key] = slices.DeleteFunc(m.lockouts[key], func(have pipeline.EnvironmentLockout) bool { return have.Environment == l.Environment })
		if l.Locked {
			m.lockouts[key] = append(m.lockouts[key], l)
		}
	}
	if len(turn.Lockouts) > 0 {
		m.wakeOthers(turn.Key, ofRepository)
	}
}

// wakeOthers wakes the lanes with something unfinished that share a place with one,
// but for that one.
func (m *Memory) wakeOthers(key pipeline.StateKey, place func(pipeline.StateKey) pipeline.StateKey) {
	busy := map[pipeline.StateKey]bool{}
	for _, run := range m.runs {
		if !run.ended && run.key != key && place(run.key) == place(key) {
			busy[run.key] = true
		}
	}
	for lane := range busy {
		m.put(pipeline.Order{RepositoryID: lane.RepositoryID, Kind: pipeline.WakeLane, Payload: encode(pipeline.LaneOrder{V: 1, Key: lane})})
	}
}

// doorsOf returns the doors that a lane has to mind.
func (m *Memory) doorsOf(key pipeline.StateKey) []pipeline.Transition {
	var doors []pipeline.Transition
	for _, door := range m.doors[ofPipeline(key)] {
		if door.Lane == key.Lane || door.Lane == (pipeline.Lane{}) {
			doors = append(doors, door)
		}
	}
	return doors
}

func (m *Memory) granted(c pipeline.EnvironmentClaim) bool {
	return slices.ContainsFunc(m.claims, func(have memoryClaim) bool { return have.EnvironmentClaim == c && have.granted })
}

func (m *Memory) saveClaims(turn *pipeline.Turn) {
	for _, c := range turn.Releases {
		m.claims = slices.DeleteFunc(m.claims, func(have memoryClaim) bool {
			return have.EnvironmentClaim == c && have.key.RepositoryID == turn.Key.RepositoryID
		})
	}
	for _, c := range turn.Claims {
		if !slices.ContainsFunc(m.claims, func(have memoryClaim) bool { return have.EnvironmentClaim == c }) {
			m.claims = append(m.claims, memoryClaim{EnvironmentClaim: c, key: turn.Key})
		}
	}
	taken := map[string]bool{}
	for i := range m.claims {
		c := &m.claims[i]
		place := encode([]any{c.key.Host, c.key.RepositoryID, c.Environment})
		if !taken[string(place)] && !c.granted {
			c.granted = true
			m.put(pipeline.Order{RepositoryID: c.key.RepositoryID, Kind: pipeline.GrantEnvironment,
				Payload: encode(pipeline.StageOrder{V: 1, Key: c.key, Execution: c.Execution, Stage: c.Stage})})
		}
		taken[string(place)] = true
	}
}
