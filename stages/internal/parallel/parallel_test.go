package parallel

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"vertebra/stages/stage"
)

// shown keeps what a recorder is shown.
type shown struct {
	stage.Recorder
	sync.Mutex
	told []stage.Progress
}

func (s *shown) Progress(p stage.Progress) {
	s.Lock()
	defer s.Unlock()
	s.told = append(s.told, p)
}

// TestEach works on everything once, and ends with all done.
func TestEach(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{0, 1, 3} {
		for _, n := range []int{0, 1, 64, 65, 1000} {
			times, to := make([]atomic.Int32, n), &shown{Recorder: stage.Discard}
			err := Each(t.Context(), stage.Env{Recorder: to, Workers: workers}, stage.Progress{Stage: "audit", Label: "headers", Total: n, Unit: "files"}, func(i int) { times[i].Add(1) })
			if err != nil || len(to.told) != (n+63)/64 {
				t.Errorf("%d things by %d workers: told %d times, %v", n, workers, len(to.told), err)
			}
			for i := range times {
				if times[i].Load() != 1 {
					t.Errorf("%d of %d was worked on %d times", i, n, times[i].Load())
				}
			}
			most := 0
			for _, p := range to.told {
				if most = max(most, p.Done); p.Total != n || p.Label != "headers" {
					t.Errorf("told %+v", p)
				}
			}
			if most != n {
				t.Errorf("told that %d of %d are done", most, n)
			}
		}
	}
}

// TestEachStops when the context ends, and says why.
func TestEachStops(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	done := 0
	err := Each(ctx, stage.Env{Recorder: stage.Discard, Workers: 1}, stage.Progress{Total: 1000}, func(int) {
		if done++; done == 10 {
			stop(why)
		}
	})
	if done != 10 || !errors.Is(err, why) {
		t.Errorf("did %d of 1000, %v; want 10 and the reason", done, err)
	}
}
