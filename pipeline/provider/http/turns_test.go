package http_test

import (
	"context"
	"fmt"
	nethttp "net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// tarpit is a transport that never answers by itself.
type tarpit struct{ held atomic.Int64 }

func (p *tarpit) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	p.held.Add(1)
	defer p.held.Add(-1)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Addresses that never answer hold few of those who ask, fewer of one repository,
// and none for long: an engine has only so many hands for everybody's work.
func TestAddressesThatNeverAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pit := &tarpit{}
		rule := newRule(t, &nethttp.Client{Transport: pit})
		ended := make(chan provider.Progress, 100)
		ask := func(repository int64, n int) {
			for i := range n {
				j := job(map[string]string{"Url": "https://tarpit.example/"})
				j.ID, j.Repository = fmt.Sprint(repository, i), pipeline.Repository{Host: "github.com", ID: repository}
				go func() {
					p, err := rule.Poll(context.Background(), j, nil)
					if err != nil {
						t.Error(err)
					}
					ended <- p
				}()
			}
			synctest.Wait()
		}
		ask(1, 40)
		if held, over := pit.held.Load(), len(ended); held != 2 || over != 38 {
			t.Fatalf("one repository holds %d and %d were sent away", held, over)
		}
		for r := range int64(9) {
			ask(r+2, 3)
		}
		if held := pit.held.Load(); held != 8 {
			t.Errorf("ten repositories hold %d", held)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if held := pit.held.Load(); held != 0 {
			t.Errorf("%d are still held", held)
		}
		waited := 0
		for range len(ended) {
			p := <-ended
			if p.Status != pipeline.ActionInProgress || p.AskAgain <= 0 {
				t.Errorf("%+v", p)
			}
			if strings.Contains(p.Summary, "none within 10s") {
				waited++
			}
		}
		if waited != 8 {
			t.Errorf("%d were told that there was no answer", waited)
		}
	})
}
