package results

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// victim names the variable that turns the test binary into a writer which is
// to be killed.
const victim = "RESULTS_TEST_VICTIM"

func TestMain(m *testing.M) {
	flag.Parse()
	if path := os.Getenv(victim); path != "" {
		if err := writeForever(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForever says the number of each row after it was recorded.
func writeForever(path string) error {
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		return err
	}
	run, err := db.Begin(ctx, RunInfo{Name: "victim", Now: time.Now})
	if err != nil {
		return err
	}
	for i := 1; ; i++ {
		if err := run.Record(ctx, stage.Scalar{Name: "loss", Epoch: 1, Step: i, Value: float64(i)},
			stage.Prediction{CaseID: strconv.Itoa(i)}); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// kills is how often; make test-kill asks for 100.
var kills = flag.Int("kills", 8, "how often a writer is killed, at random moments")

// TestKilledWriterLosesNothing kills a writer at random moments: while it opens
// the file, begins a run, writes, commits, or tidies up its log. On a busy machine it may
// take some more rounds, and longer ones, until one has written anything.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.db")
	rows, runs := 0, 0
	for round := 0; round < *kills || rows == 0 && round < 5**kills; round++ {
		after := time.Duration(rand.Int64N(int64(300*time.Millisecond) * int64(1 + round / *kills)))
		acknowledged := killAfter(t, path, after)
		db, err := Open(t.Context(), path) // as the next program would
		if err != nil {
			t.Fatalf("round %d, killed after %s: %v", round, after, err)
		}
		checkIntegrity(t, db)
		all, err := db.Runs(t.Context(), Filter{})
		if err != nil || acknowledged > 0 && len(all) == runs {
			t.Fatalf("round %d: %d runs, %v", round, len(all), err)
		}
		if len(all) > runs {
			rows += checkVictim(t, load(t, db, Latest), acknowledged)
		}
		runs = len(all)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills; %d had begun a run; %d rows", *kills, runs, rows)
	if rows == 0 {
		t.Error("no writer was killed while it wrote")
	}
}

// checkVictim wants all rows that were acknowledged. One more may have been
// committed and not yet said.
func checkVictim(t *testing.T, rec *RunRecord, acknowledged int) int {
	t.Helper()
	if rec.Status != Lost {
		t.Errorf("got status %s, want lost", rec.Status)
	}
	n := len(rec.Scalars)
	if n < acknowledged || n > acknowledged+1 || len(rec.Predictions) != n {
		t.Errorf("got %d scalars and %d predictions, %d were acknowledged", n, len(rec.Predictions), acknowledged)
	}
	for i, s := range rec.Scalars {
		if s.Step != i+1 || s.Value != float64(i+1) || rec.Predictions[i].CaseID != strconv.Itoa(i+1) {
			t.Fatalf("row %d is %+v", i, s)
		}
	}
	return n
}

// killAfter starts a writer, kills it, and gives how many rows it had acknowledged
// when it died.
func killAfter(t *testing.T, path string, after time.Duration) int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), victim+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killed := make(chan error)
	go func() {
		time.Sleep(after)
		killed <- child.Process.Kill()
	}()
	last, lines := 0, bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		last = n
	}
	if err := errors.Join(<-killed, lines.Err()); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("the writer ended by itself after %d rows: %v", last, err)
	}
	return last
}
