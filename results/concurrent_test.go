package results

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestReadersSeeWholeTransactions(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	const writes, each = 60, 7
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range writes {
			var batch []stage.Record
			for j := range each {
				batch = append(batch, stage.Scalar{Name: "loss", Step: i*each + j})
			}
			if err := run.Record(t.Context(), batch...); err != nil {
				t.Error(err)
			}
		}
	}()
	reads := 0
	for ended := false; !ended; reads++ {
		select {
		case <-done:
			ended = true
		default:
		}
		if n := len(load(t, db, Latest).Scalars); n%each != 0 || ended && n != writes*each {
			t.Fatalf("a reader saw %d rows", n)
		}
	}
	if reads < 2 {
		t.Errorf("only %d reads went on beside %d writes", reads, writes)
	}
}

// An open write transaction, here of another connection, must not keep readers
// from reading.
func TestReaderNeverWaitsForWriter(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "x"), stage.Fact{Name: "a", Value: "b"})
	tx, err := db.write.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`DELETE FROM facts`); err != nil {
		t.Fatal(err)
	}
	if got := load(t, db, Latest).Fact("a"); got != "b" {
		t.Errorf("got %q", got)
	}
}

func TestManyWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.db")
	const writers, writes = 4, 25
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			db, err := Open(t.Context(), path) // a connection each, as processes have
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			run, err := db.Begin(t.Context(), RunInfo{Name: "x", Seed: uint64(w), Now: clock()})
			if err != nil {
				t.Error(err)
				return
			}
			for i := range writes {
				if err := run.Record(t.Context(), stage.Scalar{Name: "loss", Step: i}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	runs, err := db.Runs(t.Context(), Filter{})
	if err != nil || len(runs) != writers {
		t.Fatalf("got %d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		if n := len(load(t, db, r.ID).Scalars); n != writes {
			t.Errorf("%s has %d rows, want %d", r.ID, n, writes)
		}
	}
}

// TestLoopingReadersNeverFailTheWriter counts: four readers in processes of their
// own, as far as SQLite can tell, read all the time while a run writes with a
// connection that waits for hardly longer than a reader needs to make sure that it saw no
// half of a change: for that alone SQLite lets it have the writer's lock
// (walIndexReadHdr). Had readers kept it from writing, it would have failed.
func TestLoopingReadersNeverFailTheWriter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.db")
	db, err := open(t.Context(), path, 250*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := beginTest(t, db, "x")
	record(t, run, everything()...)
	ctx, stop := context.WithCancel(t.Context())
	var reads atomic.Int64
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() { loopReading(ctx, t, path, &reads) })
	}
	defer readers.Wait()
	defer stop()
	const least, writes = 40, 100
	wrote := 0
	for ; wrote < writes || reads.Load() < least; wrote++ {
		if err := run.Record(t.Context(), stage.Scalar{Name: "loss", Step: wrote}, stage.Scalar{Name: "f1", Step: wrote}); err != nil {
			t.Fatalf("write %d beside %d reads: %v", wrote, reads.Load(), err)
		}
	}
	stop()
	readers.Wait()
	t.Logf("%d writes, %d reads beside them, none failed", wrote, reads.Load())
	if n := len(load(t, db, Latest).Scalars); n != 4+2*wrote {
		t.Errorf("got %d numbers, want %d", n, 4+2*wrote)
	}
}

// loopReading loads, lists and asks until ctx ends.
func loopReading(ctx context.Context, t *testing.T, path string, reads *atomic.Int64) {
	db, err := open(t.Context(), path, patience)
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	for ctx.Err() == nil {
		_, err := db.Load(t.Context(), Latest)
		_, err2 := db.Runs(t.Context(), Filter{Sort: "f1"})
		odd := 0
		err3 := db.Query(t.Context(), `SELECT count(*) % 2 FROM scalars`, func(_ []string, v []any) error {
			odd = int(v[0].(int64))
			return nil
		})
		if err := errors.Join(err, err2, err3); err != nil || odd != 0 {
			t.Errorf("a read failed or saw half a write: %v, %d", err, odd)
			return
		}
		reads.Add(1)
	}
}
