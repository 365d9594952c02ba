package results

import (
	"bufio"
	"context"
	"fmt"
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

func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.db")
	db, err := Open(t.Context(), path) // open all the time: the log is not tidied away by a last closer
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for round := range 3 {
		acknowledged := killAfter(t, path, 20+37*round)
		rec := load(t, db, Latest)
		if rec.Status != Lost {
			t.Errorf("got status %s, want lost", rec.Status)
		}
		// One more may have been committed and not yet said.
		if n := len(rec.Scalars); n < acknowledged || n > acknowledged+1 || len(rec.Predictions) != n {
			t.Errorf("got %d scalars and %d predictions, %d were acknowledged", n, len(rec.Predictions), acknowledged)
		}
		for i, s := range rec.Scalars {
			if s.Step != i+1 || s.Value != float64(i+1) {
				t.Fatalf("row %d is %+v", i, s)
			}
		}
		var state string
		if err := db.read.QueryRow("PRAGMA integrity_check").Scan(&state); err != nil || state != "ok" {
			t.Errorf("integrity: %s, %v", state, err)
		}
	}
}

// killAfter starts a writer, kills it after n acknowledged rows, and gives how
// many it had acknowledged when it died.
func killAfter(t *testing.T, path string, n int) int {
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
	last, lines := 0, bufio.NewScanner(out)
	for lines.Scan() {
		if last, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if last == n {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || last < n {
		t.Fatalf("the writer ended by itself after %d rows: %v", last, err)
	}
	return last
}
