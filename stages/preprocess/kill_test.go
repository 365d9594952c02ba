package preprocess

import (
	"bufio"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// order is what a child process is told to do.
type order struct {
	Cases audit.Cases
	Cache string
}

// TestKillChild is no test: TestTwentyKills runs it in processes of their own.
func TestKillChild(t *testing.T) {
	path := os.Getenv("VERTEBRA_KILL_CHILD")
	if path == "" {
		t.Skip("runs only as a child of TestTwentyKills")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	m := &memo{tell: func(stage.Progress) {
		os.Stdout.WriteString(".") // unbuffered: the parent counts them
		time.Sleep(time.Millisecond)
	}}
	images, err := Run(t.Context(), stage.Env{Recorder: m, Cache: o.Cache, Workers: 2}, usual, o.Cases)
	if err != nil {
		t.Fatal(err)
	}
	images.Close()
}

// TestTwentyKills kills runs at random moments. A run after them finishes, and
// leaves the same bytes as one that nobody disturbed.
func TestTwentyKills(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, "blank_slice")
	whole := t.TempDir()
	b.run(t, whole, 2, usual)
	draw := rand.New(rand.NewPCG(20, 1))
	cache, kills, finished := t.TempDir(), 0, 0
	for kills < 20 {
		if killed := killedRun(t, order{b.cases, cache}, 1+draw.IntN(len(b.cases.Cases)-1), time.Duration(draw.IntN(1500))*time.Microsecond); killed {
			kills++
			continue
		}
		sameFolder(t, cache, whole) // it was quicker than the kill
		if cache, finished = t.TempDir(), finished+1; finished > 20 {
			t.Fatalf("%d runs ended before they were killed, %d were killed", finished, kills)
		}
	}
	b.run(t, cache, 2, usual)
	sameFolder(t, cache, whole)
}

// killedRun kills a run some time after so many messages; false when the run was
// quicker.
func killedRun(t *testing.T, o order, after int, later time.Duration) bool {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "order.json")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillChild$")
	child.Env = append(os.Environ(), "VERTEBRA_KILL_CHILD="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for in := bufio.NewReaderSize(out, 1); after > 0; after-- {
		if _, err := in.ReadByte(); err != nil {
			break
		}
	}
	time.Sleep(later)
	_ = child.Process.Kill() // it may have ended
	err = child.Wait()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		t.Fatalf("the run failed by itself: %v", err)
	}
	return err != nil
}
