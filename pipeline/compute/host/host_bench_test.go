package host_test

import (
	"slices"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
)

// The time from Start to Ended of the smallest task. The git server's part of a
// checkout is git's own http-backend, three processes of it.
func BenchmarkTask(b *testing.B) {
	server := newGitServer(b)
	sha := server.commit(map[string]string{"a": "1", "dir/b": "2"})
	benchmarks := []struct {
		name     string
		sandbox  bool
		checkout bool
	}{{"plain", false, false}, {"sandbox", true, false}, {"plain+checkout", false, true}, {"sandbox+checkout", true, true}}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			if bb.sandbox {
				needBubblewrap(b)
			}
			ended := make(chan struct{}, 1)
			var h *harness
			h = newHarness(b, func(o *host.Options) {
				o.Sandbox = bb.sandbox
				o.OnChange = func(id string) {
					if status, err := h.host.Poll(b.Context(), compute.Task{ID: id}); err == nil && status.Phase == compute.Ended {
						ended <- struct{}{}
					}
				}
			})
			h.sources.Set(server.source(), nil)
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				task := h.task("true")
				task.Checkout, task.Revision.SHA = bb.checkout, sha
				h.start(task)
				<-ended
				took = append(took, time.Since(begun))
				if status := h.poll(task); status.Status != pipeline.ActionSucceeded {
					b.Fatalf("got %+v", status)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms/p99")
		})
	}
}
