package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// The test's own binary stands for a trial: it trains a number, stores it in the
// same database, and writes checkpoints. Nothing here needs libtorch.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 4 && os.Args[2] == "--task":
		os.Exit(fakeTask(os.Args[1], os.Args[3]))
	case os.Getenv("VERTEBRA_FAKE_TRIAL") != "":
		os.Exit(fakeTrial(os.Getenv("VERTEBRA_FAKE_TRIAL")))
	case os.Getenv("VERTEBRA_FAKE_SWEEP") != "":
		os.Exit(fakeSweep(os.Getenv("VERTEBRA_FAKE_SWEEP")))
	}
	os.Exit(m.Run())
}

// fake is the experiment of a fake trial.
type fake struct {
	X         float64 `json:"x"`
	Replicate int     `json:"replicate"`
	Epochs    int     `json:"epochs"`
	Start     int     `json:"start_ms"`
	Each      int     `json:"epoch_ms"`
	Tail      int     `json:"tail_ms"`
	Sets      string  `json:"sets"`
	Full      int     `json:"full"` // how often trials of x = -9 find the disk full, after an epoch more each time
}

// value falls with the epochs towards (x - 0.3)², and the first replicates of bad
// points are no better.
func (f fake) value(epoch int) float64 {
	return (f.X-0.3)*(f.X-0.3) + 0.1/float64(epoch) + 0.001*float64(f.Replicate)
}

const objective = "validation.loss"

func fakeTrial(folder string) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() { <-signals; cancel(context.Canceled) }()
	link, err := Dial(os.Stdin, os.NewFile(3, "messages"), func() { cancel(ErrAlone) })
	if err == nil {
		err = fakeTraining(ctx, link, folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func fakeTraining(ctx context.Context, link *Link, folder string) (err error) {
	var f fake
	if err := json.Unmarshal([]byte(link.Job.Experiment), &f); err != nil {
		return err
	}
	switch {
	case f.X == -8: // beside others alone
		if _, err := os.Stat(filepath.Join(folder, "crowded")); err != nil {
			link.Tell(Message{Type: TellFailed, Kind: OutOfMemory, Text: "no memory left"})
			return os.WriteFile(filepath.Join(folder, "crowded"), nil, 0o600)
		}
	case f.X == -1:
		link.Tell(Message{Type: TellFailed, Kind: OutOfMemory, Text: "no memory left"})
		return nil
	case f.X == -2:
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(3)
	case f.X == -3:
		select {}
	}
	db, err := results.Open(ctx, filepath.Join(folder, "results.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r, epoch, err := fakeRun(ctx, db, link, folder)
	if err != nil {
		return err
	}
	checkpoint := filepath.Join(folder, "runs", r.ID(), "last.safetensors")
	link.Tell(Message{Type: TellRun, Run: r.ID()})
	sleep(ctx, f.Start)
	link.Tell(Message{Type: TellBegun})
	for ; epoch < f.Epochs; epoch++ {
		err := link.Ask(ctx, epoch)
		if errors.Is(err, stage.ErrEnough) {
			break
		}
		if full := filepath.Join(folder, fmt.Sprintf("full-%d", epoch)); err == nil && f.X == -9 && epoch > 0 && epoch <= f.Full && os.Mkdir(full, 0o755) == nil {
			link.Tell(Message{Type: TellFailed, Kind: Machine, Text: "the disk is full"})
			return r.Finish(ctx, results.Failed, errors.New("the disk is full"))
		}
		if err == nil {
			err = sleep(ctx, f.Each)
		}
		if err != nil {
			kind := ""
			if errors.Is(err, ErrPause) {
				kind = TellAsk
			}
			err = r.Finish(context.WithoutCancel(ctx), results.Interrupted, err)
			link.Tell(Message{Type: TellPaused, Kind: kind, Checkpoint: checkpoint})
			return err
		}
		if err := fakeEpoch(ctx, r, link, f, epoch+1, checkpoint); err != nil {
			return err
		}
		if kind, err := os.ReadFile(filepath.Join(folder, "stuck")); err == nil && f.X == -10 {
			link.Tell(Message{Type: TellFailed, Kind: string(kind), Text: "the disk is full"})
			return r.Finish(ctx, results.Failed, errors.New("the disk is full"))
		}
	}
	sleep(ctx, f.Tail)
	final := f.value(epoch)
	err = r.Record(ctx, stage.Scalar{Name: "loss", Series: "validation", Epoch: stage.Final, Value: final, Better: stage.LowerBetter})
	err = errors.Join(err, r.Finish(context.WithoutCancel(ctx), results.Done, nil))
	link.Tell(Message{Type: TellDone, Run: r.ID(), Value: final})
	return err
}

func fakeEpoch(ctx context.Context, r *results.Run, link *Link, f fake, epoch int, checkpoint string) error {
	s := stage.Scalar{Name: "loss", Series: "validation", Phase: "all", Epoch: epoch, Step: epoch, Value: f.value(epoch), Better: stage.LowerBetter}
	if err := r.Record(ctx, s); err != nil {
		return err
	}
	if err := os.WriteFile(checkpoint+".part", []byte(strconv.Itoa(epoch)), 0o600); err != nil {
		return err
	}
	if err := os.Rename(checkpoint+".part", checkpoint); err != nil {
		return err
	}
	link.Tell(Message{Type: TellEpoch, Epoch: epoch, Value: s.Value})
	return nil
}

// fakeRun begins a run, or goes on with one from its checkpoint.
func fakeRun(ctx context.Context, db *results.DB, link *Link, folder string) (*results.Run, int, error) {
	info := results.RunInfo{Name: "fake", File: link.Job.File, Experiment: link.Job.Experiment, Now: time.Now,
		Facts: []stage.Fact{{Name: results.TrialFact, Value: results.TrialName(link.Job.Sweep, link.Job.Trial, link.Job.Replicate)}}}
	if link.Job.Run == "" {
		r, err := db.Begin(ctx, info)
		if err != nil {
			return nil, 0, err
		}
		return r, 0, os.MkdirAll(filepath.Join(folder, "runs", r.ID()), 0o755)
	}
	r, err := db.Resume(ctx, link.Job.Run, info)
	if err != nil {
		return nil, 0, err
	}
	own := filepath.Join(folder, "runs", r.ID())
	data, err := os.ReadFile(filepath.Join(own, "last.safetensors"))
	if err != nil { // it was killed before its first epoch was stored
		return r, 0, os.MkdirAll(own, 0o755)
	}
	epoch, err := strconv.Atoi(strings.TrimSpace(string(data)))
	return r, epoch, err
}

func sleep(ctx context.Context, ms int) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return nil
	}
}

// setup is a sweep of fake trials.
type setup struct {
	Config string  `json:"config"`
	Fake   fake    `json:"fake"`
	Slots  int     `json:"slots"`
	For    int     `json:"for_ms"`
	Slurm  bool    `json:"slurm"` // on the fake cluster of the folder
	Device Slot    `json:"device"`
	Takes  float64 `json:"takes"` // bytes of a device, by each trial
}

// config reads a section sweep.
func (s setup) config() (sweeps.Config, sweeps.Space, error) {
	var into struct {
		Sweep *sweeps.Config `help:"the sweep"`
	}
	n, problems := registry.Parse("sweep", []byte("sweep:\n"+s.Config))
	if n != nil {
		problems = append(problems, registry.Decode(n, "sweep", &into)...)
	}
	if err := problems.Err(); err != nil {
		return sweeps.Config{}, sweeps.Space{}, err
	}
	space, _ := sweeps.NewSpace(into.Sweep.Space)
	return *into.Sweep, space, nil
}

// run begins or goes on with the sweep of a folder.
func (s setup) run(ctx context.Context, folder string, say func(string, ...any)) (ended Ended, err error) {
	db, err := results.Open(ctx, filepath.Join(folder, "results.db"))
	if err != nil {
		return ended, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	config, space, err := s.config()
	if err != nil {
		return ended, err
	}
	info := results.SweepInfo{Name: "fake", Objective: objective, Better: stage.LowerBetter}
	if s.For > 0 {
		info.Deadline = time.Now().Add(time.Duration(s.For) * time.Millisecond)
	}
	q, err := db.TakeSweep(ctx, "fake", info, time.Now)
	if err != nil {
		if q, err = db.BeginSweep(ctx, info, time.Now); err != nil {
			return ended, err
		}
	}
	o := Options{
		Config: config, Space: space, Seed: 1, Objective: objective, Better: stage.LowerBetter, Epochs: s.Fake.Epochs,
		Replicates: config.Replicates(0), Deadline: info.Deadline, Grace: 2 * time.Second, Rest: 20 * time.Millisecond, Now: time.Now, Say: say,
		Logs: filepath.Join(folder, "logs"), Runs: filepath.Join(folder, "runs"),
		Make: s.make, Command: func(Job) *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "VERTEBRA_FAKE_TRIAL="+folder, "VERTEBRA_FAKE_SWEEP=")
			return cmd
		},
		Report: func(context.Context, bool) error {
			return os.WriteFile(filepath.Join(folder, "report"), nil, 0o600)
		},
	}
	if s.Slurm {
		o.Cluster = fakeCluster(db, config, folder)
	}
	for i := range max(1, s.Slots) {
		slot := s.Device
		slot.Device = cmp.Or(slot.Device, "cpu")
		slot.Name, slot.Threads = fmt.Sprintf("%s#%d", slot.Device, i+1), 1
		o.Slots = append(o.Slots, slot)
	}
	if s.Takes > 0 {
		o.Measure = func(context.Context, string) (float64, error) { return s.Takes, nil }
	}
	return Run(ctx, q, o)
}

func (s setup) make(settings []sweeps.Assignment, sets []string, replicate int) (string, int, error) {
	f := s.Fake
	f.Replicate, f.Sets = replicate, strings.Join(sets, " ")
	for _, a := range settings {
		if a.Path == "x" {
			x, err := strconv.ParseFloat(a.Value, 64)
			if err != nil {
				return "", 0, err
			}
			f.X = x
		}
	}
	for _, set := range sets {
		if x, ok := strings.CutPrefix(set, "x="); ok {
			f.X, _ = strconv.ParseFloat(x, 64)
		}
		if strings.HasPrefix(set, "train.accumulate=") {
			f.X = 0.5 // fits now
		}
	}
	text, err := json.Marshal(f)
	return string(text), f.Epochs, err
}

// fakeSweep is a process that runs a sweep, to be killed.
func fakeSweep(folder string) int {
	var s setup
	data, err := os.ReadFile(filepath.Join(folder, "setup.json"))
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil {
		_, err = s.run(context.Background(), folder, func(format string, args ...any) { fmt.Printf(format+"\n", args...) })
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// load gives what a sweep left.
func load(t testing.TB, folder string) *results.SweepRecord {
	t.Helper()
	db, err := results.Open(t.Context(), filepath.Join(folder, "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	rec, err := db.LoadSweep(t.Context(), results.Latest)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
