package main

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be penstock too: started under that name it runs
// main, so that stories meet the real program in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"penstock": main})
}

// TestStories plays the end-to-end stories of testdata/script; README.md there
// tells their words. Each has a GitHub, a repository and a data folder of its
// own, and waits on what GitHub shows or the server says, never on time.
func TestStories(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition:           conditions,
		Setup:               func(env *testscript.Env) error { return newStory(env, key) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":       verb((*player).await),
			"answer":      verb((*player).answer),
			"branch":      verb((*player).branch),
			"burst":       verb((*player).burst),
			"call":        verb((*player).call),
			"checks":      verb((*player).checks),
			"click":       verb((*player).click),
			"comment":     verb((*player).comment),
			"comments":    verb((*player).comments),
			"crash":       verb((*player).crash),
			"deliveries":  verb((*player).deliveries),
			"deployments": verb((*player).deployments),
			"disk":        verb((*player).disk),
			"edit":        verb((*player).edit),
			"erase":       verb((*player).erase),
			"expect":      verb((*player).expect),
			"force":       verb((*player).force),
			"fork":        verb((*player).fork),
			"hold":        verb((*player).hold),
			"install":     verb((*player).install),
			"limits":      verb((*player).limits),
			"log":         verb((*player).log),
			"login":       verb((*player).login),
			"page":        verb((*player).page),
			"vote":        verb((*player).vote),
			"person":      verb((*player).person),
			"post":        verb((*player).post),
			"private":     verb((*player).private),
			"protect":     verb((*player).protect),
			"pull":        verb((*player).pullRequest),
			"push":        verb((*player).push),
			"redeliver":   verb((*player).redeliver),
			"repository":  verb((*player).repository),
			"rerun":       verb((*player).rerun),
			"runs":        verb((*player).runs),
			"key":         verb((*player).key),
			"reload":      verb((*player).reload),
			"webhook":     verb((*player).webhook),
			"serve":       verb((*player).serve),
			"setup":       verb((*player).setup),
			"statuses":    verb((*player).statuses),
			"tag":         verb((*player).tag),
			"team":        verb((*player).team),
			"terminate":   verb((*player).terminate),
			"slack":       verb((*player).slack),
			"sql":         verb((*player).sql),
			"trouble":     verb((*player).trouble),
		},
	})
}
