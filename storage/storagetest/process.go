package storagetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// The test binary is run again as another process, told apart by these.
const (
	roleVariable   = "PENSTOCK_STORAGETEST_ROLE"
	folderVariable = "PENSTOCK_STORAGETEST_FOLDER"
	roleWrite      = "write"
	roleHold       = "hold"
)

// Main runs the tests, or whatever this process is to be for the suite of its
// parent. It does not return.
func Main(m *testing.M, b Backend) {
	var err error
	dir := os.Getenv(folderVariable)
	switch os.Getenv(roleVariable) {
	case roleWrite:
		err = writeUntilKilled(b, dir)
	case roleHold:
		err = holdUntilTold(b, dir)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is another process that tells on its standard output what it has done,
// a line each.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
	said  strings.Builder // standard error
}

func startChild(t *testing.T, role, dir string) *child {
	t.Helper()
	exe, err := os.Executable()
	ok(t, err)
	c := &child{cmd: exec.Command(exe)}
	c.cmd.Env = append(os.Environ(), roleVariable+"="+role, folderVariable+"="+dir)
	c.cmd.Stderr = &c.said
	c.stdin, err = c.cmd.StdinPipe()
	ok(t, err)
	out, err := c.cmd.StdoutPipe()
	ok(t, err)
	c.lines = bufio.NewScanner(out)
	ok(t, c.cmd.Start())
	t.Cleanup(func() { c.cmd.Process.Kill() }) // of one that has ended: no harm
	return c
}

// writeUntilKilled saves turns and deliveries as fast as it can, and says so
// after each.
func writeUntilKilled(b Backend, dir string) error {
	db, err := b.Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	failed := make(chan error, 1)
	for lane := range killLanes {
		go func() {
			key := laneKey(7, "release", pipeline.PullLane(lane+1))
			state, err := db.LoadState(ctx, key)
			for version := state.Version; err == nil; version++ {
				if err = db.SaveTurn(ctx, killTurn(key, version)); err == nil {
					say("turn %d %d", lane, version+1)
				}
				id := fmt.Sprintf("d/%d/%d", lane, version)
				if _, _, addErr := db.AddDelivery(ctx, delivery(id, pipeline.DeliveryReceived)); addErr == nil {
					say("delivery %s", id)
				}
			}
			failed <- err
		}()
	}
	return <-failed
}

const killLanes = 6

// killTurn has a run, an event and an order.
func killTurn(key pipeline.StateKey, version int64) *pipeline.Turn {
	turn := turnOf(key, version, end(newRun(key, version), pipeline.ExecutionSucceeded))
	turn.Events = []pipeline.Event{{Kind: pipeline.EventExecutionSucceeded, At: epoch()}}
	turn.Orders = []pipeline.Order{{RepositoryID: 7, Kind: pipeline.WakeLane, Payload: []byte(`{}`)}}
	return turn
}

func holdUntilTold(b Backend, dir string) error {
	stop := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin) // the parent closes it
		close(stop)
	}()
	return b.Hold(dir, func() { fmt.Println("held") }, func() { fmt.Println("released") }, stop)
}
