package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
	"vertebra/sweeps/queue"
	"vertebra/sweeps/slurm"
)

// answerPatience is how long a task waits at a rung for whoever runs the sweep. A
// network drive may show a new file after a minute.
const answerPatience = 3 * time.Minute

// settings are what tasks ask of the cluster, by the file and the command line.
func (c sweepRun) settings(s *experiments.Sweep) sweeps.Slurm {
	out := s.Config.Slurm
	if c.Parallel > 0 {
		out.Parallel = c.Parallel
	}
	if c.Device == "cpu" {
		out.Gres = ""
	}
	return out
}

// tryCluster asks Slurm whether it would take a trial, before anything is computed.
func (c sweepRun) tryCluster(ctx context.Context, w world, s *experiments.Sweep) (err error) {
	client, err := slurm.Find()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "vertebra")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := slurm.Batch{Sweep: s.Base.Name, Job: "vertebra", Folder: folder, Name: "try", Tasks: []string{folder}, Command: []string{"true"}}
	script := filepath.Join(folder, "try.sh")
	if err := os.WriteFile(script, []byte(b.Script(c.settings(s))), 0o600); err != nil {
		return err
	}
	err = client.Try(ctx, script)
	var refused slurm.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.Busy():
		fmt.Fprintf(w.err, "runner: Slurm does not say whether it would take the trials: %v\n", err)
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("Slurm would refuse the trials: %w", err), Hint: "sweep.slurm says what they ask for (partition, account, gres, time, options); --device cpu asks for no GPU"}
}

// cluster hands the trials to Slurm, and says how many at a time.
func (c sweepRun) cluster(db *results.DB, s *experiments.Sweep, q *results.Queue, logs, self string) (*queue.Cluster, []queue.Slot) {
	settings := c.settings(s)
	k := &queue.Cluster{
		Settings: settings, DB: db, Patience: answerPatience, Retry: 30 * time.Second,
		Job: fmt.Sprintf("%s-%x", q.ID, sha256.Sum256([]byte(logs)))[:len(q.ID)+9],
		Command: slices.Concat([]string{self, "trial", "--runs", c.Runs, "--cache", c.Cache, "--cache-size", fmt.Sprintf("%dB", int64(c.CacheSize)),
			"--workers", fmt.Sprint(settings.Cpus)}, c.pretrainedFlags.flags(), []string{"--task"}),
	}
	device := "cuda:0" // Slurm shows a task the GPU that is its own
	if settings.Gres == "" {
		device = "cpu"
	}
	var slots []queue.Slot
	for i := range inFlight(s, settings.Parallel) {
		slots = append(slots, queue.Slot{Device: device, Name: fmt.Sprintf("slurm#%d", i+1), Threads: settings.Cpus})
	}
	return k, slots
}

// inFlight is how many trials Slurm has at a time. Where no trial depends on what
// others gave it has them all, and goes on when nobody runs the sweep.
func inFlight(s *experiments.Sweep, parallel int) int {
	search, ok := s.Config.Search.Part.(interface{ Independent() bool })
	if !ok || !search.Independent() || s.Config.Stop.Name != "none" || s.Config.Replicates(s.Base.Data.Split.Folds) > 1 {
		return parallel
	}
	trials := s.Config.Trials
	if trials == 0 {
		trials = s.Space.Size() + 1
	}
	return max(parallel, min(trials, 1000))
}

// cancelTasks ends the tasks of a sweep that no process runs; each stores its state.
func cancelTasks(ctx context.Context, rec *results.SweepRecord) (int, error) {
	tasks := queue.TasksOf(rec.Trials)
	if len(tasks) == 0 {
		return 0, nil
	}
	client, err := slurm.Find()
	if err != nil {
		return 0, err
	}
	return len(tasks), client.Cancel(ctx, tasks...)
}
