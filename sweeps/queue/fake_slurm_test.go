package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
	"vertebra/sweeps/slurm"
)

// A cluster of three scripts. Each task is a folder with its name, state and pid.
var fakePrograms = map[string]string{
	"sbatch": `
[[ -f $S/refuse ]] && { cat $S/refuse >&2; exit 1; }
[[ $1 == --test-only ]] && exit 0
script=$2
until mkdir $S/lock 2>/dev/null; do sleep 0.01; done
job=$(( $(cat $S/jobs 2>/dev/null || echo 0) + 1 )); echo $job >$S/jobs; rmdir $S/lock
name=$(sed -n 's/^#SBATCH --job-name=//p' $script) last=$(sed -n 's/^#SBATCH --array=0-\([0-9]*\)%.*/\1/p' $script)
for ((i = 0; i <= last; i++)); do
  task=$S/task.${job}_$i; mkdir $task; echo $name >$task/name; echo PENDING >$task/state
  ( while [[ -f $S/hold && $(<$task/state) == PENDING ]]; do sleep 0.02; done
    [[ $(<$task/state) == PENDING ]] || exit
    export SLURM_ARRAY_TASK_ID=$i FAKE_STATE=$task/state
    bash $script & echo $! >$task/pid; echo RUNNING >$task/state
    wait $!; code=$?
    [[ $(<$task/state) == RUNNING ]] && if ((code)); then echo FAILED; else echo COMPLETED; fi >$task/state ) </dev/null >/dev/null 2>&1 &
done
echo $job`,
	"squeue": `
[[ -f $S/down ]] && { echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1; }
for a; do [[ $a == --name=* ]] && names=,${a#--name=},; done
for task in $S/task.*; do
  [[ $names == *,$(<$task/name),* ]] || continue
  id=${task##*.}
  printf '%-160s%-24s%-24s%-24s%-16s%-80s%-80s\n' "$(<$task/name)" ${id%_*} ${id#*_} $(<$task/state) 0 node1 None
done`,
	"scancel": `
for a; do
  case $a in --signal=TERM) signal=1;; --*) ;; *)
    task=$S/task.$a
    [[ -f $task/pid ]] && kill -TERM $(<$task/pid) 2>/dev/null
    [[ $signal ]] || case $(<$task/state) in RUNNING|PENDING) echo CANCELLED >$task/state;; esac;;
  esac
done; true`,
}

func fakeCluster(db *results.DB, config sweeps.Config, folder string) *Cluster {
	runs := filepath.Join(folder, "runs")
	return &Cluster{Slurm: slurm.Client{Folder: filepath.Join(folder, "slurm")}, Settings: config.Slurm, DB: db, Job: "fake",
		Command: []string{os.Args[0], runs, "--task"}, Patience: time.Second, Retry: 100 * time.Millisecond}
}

// onFakeSlurm makes the scripts in a folder of its own.
func onFakeSlurm(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	programs := filepath.Join(folder, "slurm")
	if err := os.Mkdir(programs, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range fakePrograms {
		if err := os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/bash\nS="+programs+"\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// fakeTask is a trial as a task of the fake cluster.
func fakeTask(runs, folder string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() { <-signals; cancel(context.Canceled) }()
	own, err := Join(folder, time.Now)
	if errors.Is(err, ErrNothing) {
		return 0
	}
	if err == nil {
		err = fakeTaskTraining(ctx, own, runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func fakeTaskTraining(ctx context.Context, own *Task, runs string) error {
	var f fake
	if err := json.Unmarshal([]byte(own.Job.Experiment), &f); err != nil {
		return err
	}
	id := own.Job.Run
	if id == "" {
		id = own.NewRun
	}
	own.Checkpoint = filepath.Join(runs, id, "last.safetensors")
	if err := os.MkdirAll(filepath.Dir(own.Checkpoint), 0o755); err != nil {
		return err
	}
	if err := own.Begin(results.RunInfo{ID: id, Name: "fake", Experiment: own.Job.Experiment}); err != nil {
		return err
	}
	epoch := 0
	if data, err := os.ReadFile(own.Checkpoint); err == nil {
		epoch, _ = strconv.Atoi(strings.TrimSpace(string(data)))
	}
	if f.X < 0 && fakeEnd(f, epoch, own) {
		return nil
	}
	own.Tell(Message{Type: TellBegun})
	for ; epoch < f.Epochs; epoch++ {
		err := own.Ask(ctx, epoch)
		if errors.Is(err, stage.ErrEnough) {
			break
		}
		if err == nil {
			err = sleep(ctx, f.Each)
		}
		if err != nil {
			kind := ""
			if errors.Is(err, ErrPause) {
				kind = TellAsk
			}
			own.Tell(Message{Type: TellPaused, Kind: kind, Checkpoint: own.Checkpoint, Run: id})
			return err
		}
		s := stage.Scalar{Name: "loss", Series: "validation", Phase: "all", Epoch: epoch + 1, Step: epoch + 1, Value: f.value(epoch + 1), Better: stage.LowerBetter}
		if err := errors.Join(own.Record(ctx, s, stage.Event{Level: "info", Stage: "train", Text: fmt.Sprint("epoch ", epoch+1)}), replace(own.Checkpoint, []byte(strconv.Itoa(epoch+1)))); err != nil {
			return err
		}
		own.Tell(Message{Type: TellEpoch, Epoch: epoch + 1, Value: s.Value})
	}
	final := stage.Scalar{Name: "loss", Series: "validation", Epoch: stage.Final, Value: f.value(epoch), Better: stage.LowerBetter}
	err := own.Record(ctx, final)
	own.Tell(Message{Type: TellDone, Run: id, Value: final.Value})
	return err
}

// fakeEnd lets a task end as its point says: Slurm gives the state, and it is dead.
func fakeEnd(f fake, epoch int, own *Task) bool {
	state := ""
	switch f.X {
	case -1:
		own.Tell(Message{Type: TellFailed, Kind: OutOfMemory, Text: "no memory left"})
		return true
	case -2:
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(3)
	case -4:
		state = "NODE_FAIL"
	case -5:
		state = "OUT_OF_MEMORY"
	case -6:
		state = "TIMEOUT"
	case -7:
		state = "CANCELLED"
	}
	if f.X == -6 || f.X == -4 { // comes further each time
		if epoch == f.Epochs-1 {
			return false
		}
		own.Tell(Message{Type: TellAsk, Epoch: epoch + 1, Checkpoint: own.Checkpoint})
		_ = replace(own.Checkpoint, []byte(strconv.Itoa(epoch+1)))
	}
	_ = os.WriteFile(os.Getenv("FAKE_STATE"), []byte(state+"\n"), 0o644)
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
