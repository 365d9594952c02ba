package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/synth"
)

var withSlurm = flag.Bool("slurm", false, "run sweeps through a Slurm that is started for it: make test-slurm")

// slurmConf is a cluster of one node that trusts whoever speaks. Requeued jobs are
// held for as long as credentials live, two minutes by default.
const slurmConf = `ClusterName=test
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=%[2]s
SlurmdUser=%[2]s
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
SlurmctldPort=%[3]d
SlurmdPort=%[4]d
StateSaveLocation=%[5]s/state
SlurmdSpoolDir=%[5]s/spool
SlurmctldPidFile=%[5]s/slurmctld.pid
SlurmdPidFile=%[5]s/slurmd.pid
SlurmctldLogFile=%[5]s/slurmctld.log
SlurmdLogFile=%[5]s/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1
KillWait=10
MinJobAge=60
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=4 RealMemory=2000 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF
`

// startSlurm starts slurmctld and slurmd as this user, with everything in a folder of
// the test, and lets Slurm's programs speak with them.
func startSlurm(t *testing.T) {
	t.Helper()
	if !*withSlurm {
		t.Skip("make test-slurm runs it: it takes a minute")
	}
	t.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	for _, program := range []string{"slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s; Debian's package slurm-wlm has it", program)
		}
	}
	host, err := os.Hostname()
	me, second := user.Current()
	if err := errors.Join(err, second); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, folder := range []string{"state", "spool"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	conf := filepath.Join(dir, "slurm.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, slurmConf, host, me.Username, freePort(t), freePort(t), dir), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SLURM_CONF", conf)
	daemon(t, dir, "slurmctld", "-D", "-f", conf)
	daemon(t, dir, "slurmd", "-D", "-N", host, "-f", conf)
	for range 100 {
		out, _ := exec.Command("sinfo", "--noheader", "--format=%t").Output()
		if strings.TrimSpace(string(out)) == "idle" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, name := range []string{"slurmctld", "slurmd"} {
		out, _ := os.ReadFile(filepath.Join(dir, name+".out"))
		t.Logf("%s:\n%s", name, out)
	}
	t.Fatal("the cluster did not come up")
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func daemon(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	out, err := os.Create(filepath.Join(dir, program+".out"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = out.Close()
	})
}

// twelve is a sweep of trials that take some seconds each, so that there is time to
// disturb them.
const twelve = `
name: twelve
data: {source: {rsna: {root: data}}, split: {validation: 0.25, test: 0.25}}
preprocess: [decode, {crop: {millimetres: 40}}, window, {resize: {pixels: 12}}]
augment: [flip, {rotate: {degrees: 10}}]
model: {backbone: {convnet: {widths: [4, 8]}}, head: [{dropout: {p: 0.3}}], input: {channels: 1, mean: [0.3], std: [0.25]}}
train:
  monitor: validation.loss
  phases: [{name: all, train: [all], epochs: 60}]
evaluate: {metrics: [loss, accuracy], intervals: {resamples: 20}}
sweep:
  search: random
  trials: 12
  slurm: {gres: "", cpus: 1, parallel: 3, poll: 500ms}
  space:
    train.optimizer.adam.rate: {log: [1e-4, 1e-2]}
    train.batch: {integer: [8, 32]}
`

// onSlurm runs sweeps in a folder of its own.
type onSlurm struct {
	t            *testing.T
	dir, program string
}

func newOnSlurm(t *testing.T) onSlurm {
	t.Helper()
	p := onSlurm{t: t, dir: t.TempDir()}
	if _, err := synth.Write(t.Context(), filepath.Join(p.dir, "data"), synth.Options{Seed: 1, Studies: 6, Size: 64}); err != nil {
		t.Fatal(err)
	}
	program, err := linkProgram(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	p.program = program
	p.write("twelve.yaml", twelve)
	return p
}

func (p onSlurm) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p onSlurm) command(out *strings.Builder, args ...string) *exec.Cmd {
	c := exec.Command(p.program, args...)
	c.Dir, c.Stdout, c.Stderr = p.dir, out, out
	return c
}

func (p onSlurm) run(args ...string) string {
	p.t.Helper()
	var out strings.Builder
	if err := p.command(&out, args...).Run(); err != nil {
		p.t.Fatalf("%v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// load gives the sweep, nil before it is there.
func (p onSlurm) load(db string) *results.SweepRecord {
	p.t.Helper()
	stored, err := results.OpenExisting(p.t.Context(), filepath.Join(p.dir, db))
	if err != nil {
		return nil
	}
	defer stored.Close()
	rec, err := stored.LoadSweep(p.t.Context(), results.Latest)
	if err != nil {
		return nil
	}
	return rec
}

// until waits for something to be true of the sweep.
func (p onSlurm) until(what string, ok func(*results.SweepRecord) bool) *results.SweepRecord {
	p.t.Helper()
	for range 1200 {
		if rec := p.load("b.db"); rec != nil && ok(rec) {
			return rec
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("after a minute still not: %s", what)
	return nil
}

func slurmSays(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// Twelve trials go through a real scheduler; one task is cancelled, one is put back
// into the queue, and whoever runs the sweep is killed and started again. All twelve
// are done and merged, none twice, and each number is that of a sweep on this machine.
func TestSweepOnSlurm(t *testing.T) {
	startSlurm(t)
	p := newOnSlurm(t)
	p.run("sweep", "twelve.yaml", "--parallel", "2", "--threads", "1", "--db", "a.db", "--runs", "a")
	args := []string{"sweep", "twelve.yaml", "--on", "slurm", "--db", "b.db", "--runs", "b"}
	var out strings.Builder
	first := p.command(&out, args...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	rec := p.until("two trials compute", func(rec *results.SweepRecord) bool {
		return len(rec.Trials) > 2 && rec.Trials[0].Epochs > 0 && rec.Trials[1].Epochs > 0
	})
	task := func(i int) string { return strings.TrimPrefix(rec.Trials[i].Device, "slurm ") }
	slurmSays(t, "scancel", task(0))
	slurmSays(t, "scontrol", "requeue", task(1))
	p.until("both are seen to have ended", func(rec *results.SweepRecord) bool {
		return told(rec, 0, "it is submitted again") && told(rec, 1, "back into the queue")
	})
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	time.Sleep(3 * time.Second) // the tasks go on meanwhile
	p.run(args...)
	p.same(p.load("b.db"), p.load("a.db"))
}

// told says whether an event of a trial has these words.
func told(rec *results.SweepRecord, trial int, words string) bool {
	return slices.ContainsFunc(rec.Events, func(e results.SweepEvent) bool { return e.Trial == trial && strings.Contains(e.Text, words) })
}

// same wants the sweep to have come out as the other one.
func (p onSlurm) same(got, want *results.SweepRecord) {
	p.t.Helper()
	if len(got.Trials) != 12 || got.Status != results.SweepDone {
		p.t.Fatalf("%d trials, %s: %s", len(got.Trials), got.Status, got.Because)
	}
	runs := map[string]bool{}
	a, err := results.OpenExisting(p.t.Context(), filepath.Join(p.dir, "a.db"))
	b, second := results.OpenExisting(p.t.Context(), filepath.Join(p.dir, "b.db"))
	if err := errors.Join(err, second); err != nil {
		p.t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	for i, trial := range got.Trials {
		w := want.Trials[i]
		if trial.State != results.TrialDone || trial.Number != w.Number || trial.Settings["train.batch"] != w.Settings["train.batch"] || trial.Value != w.Value || !slices.Equal(trial.Values, w.Values) || runs[trial.Run] {
			p.t.Errorf("got  %+v\nwant %+v", trial, w)
		}
		runs[trial.Run] = true
		mine, err := b.Load(p.t.Context(), trial.Run)
		theirs, second := a.Load(p.t.Context(), w.Run)
		if err := errors.Join(err, second); err != nil {
			p.t.Fatal(err)
		}
		victim{t: p.t}.compare(mine, theirs)
	}
	all, err := b.Runs(p.t.Context(), results.Filter{})
	if err != nil || len(all) != 12 {
		p.t.Errorf("%d runs in the results, %v", len(all), err)
	}
	for i, outcome := range []string{"lost", "requeued"} {
		spans := got.Trials[i].Spans
		if len(spans) < 2 || spans[0].Outcome != outcome || spans[1].First == 0 {
			p.t.Errorf("trial %d: %+v; want it to have gone on from its checkpoint", i, spans)
		}
	}
}

// A trial that takes longer than Slurm gives it has several turns. Nobody need run the
// sweep to stop it. What Slurm refuses is told before anything is computed.
func TestTurnsOnSlurm(t *testing.T) {
	startSlurm(t)
	p := newOnSlurm(t)
	args := []string{"sweep", "twelve.yaml", "--on", "slurm", "--db", "b.db", "--runs", "b", "--set", "sweep.trials=1", "--set", "train.phases.0.epochs=6000"}
	var out strings.Builder
	if err := p.command(&out, append(args, "--set", "sweep.slurm.partition=nope")...).Run(); err == nil || !strings.Contains(out.String(), "Invalid partition name specified") {
		t.Errorf("%v\n%s", err, out.String())
	}
	first := p.command(&out, args...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	p.until("it computes", func(rec *results.SweepRecord) bool { return len(rec.Trials) == 1 && rec.Trials[0].Epochs > 0 })
	if out := p.run("sweep", "status", "twelve", "--db", "b.db"); !strings.Contains(out, "running on ") || !strings.Contains(out, ", slurm ") {
		t.Error(out)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if out := p.run("sweep", "stop", "twelve", "--db", "b.db"); !strings.Contains(out, "its 1 tasks in Slurm are ended") {
		t.Error(out)
	}
	p.run(append(args, "--set", "sweep.slurm.time=2m", "--set", "sweep.slurm.lead=110s")...) // Slurm warns up to a minute early
	rec := p.load("b.db")
	trial := rec.Trials[0]
	if trial.State != results.TrialDone || len(trial.Values) != 6000 || trial.Attempt > 2 {
		t.Errorf("%+v", trial)
	}
	for i, s := range trial.Spans[1:] {
		if s.First != trial.Spans[i].Last || s.First == 0 {
			t.Errorf("part %d: %+v after %+v", i+1, s, trial.Spans[i])
		}
	}
	if !told(rec, 0, "Slurm says CANCELLED; it is submitted again") || !told(rec, 0, "back into the queue") {
		t.Errorf("%+v", rec.Events)
	}
}

// A trial that has to make room for a more urgent job goes on from its checkpoint, and
// comes out as it would have.
func TestPreemptedOnSlurm(t *testing.T) {
	startSlurm(t)
	p := newOnSlurm(t)
	args := []string{"sweep", "twelve.yaml", "--set", "sweep.trials=1", "--set", "train.phases.0.epochs=1500"}
	p.run(append(args, "--parallel", "1", "--threads", "1", "--db", "a.db", "--runs", "a")...)
	var out strings.Builder
	c := p.command(&out, append(args, "--on", "slurm", "--db", "b.db", "--runs", "b", "--set", "sweep.slurm.options=[--exclusive]")...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p.until("it computes", func(rec *results.SweepRecord) bool { return len(rec.Trials) == 1 && rec.Trials[0].Epochs > 0 })
	slurmSays(t, "sbatch", "--partition=urgent", "--exclusive", "--output=/dev/null", "--wrap=sleep 1")
	if err := c.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	rec, want := p.load("b.db"), p.load("a.db").Trials[0]
	got := rec.Trials[0]
	if got.Value != want.Value || !slices.Equal(got.Values, want.Values) || len(got.Spans) < 2 || got.Spans[1].First == 0 || !told(rec, 0, "back into the queue") {
		t.Errorf("got  %+v\nwant %+v\n%+v", got, want, rec.Events)
	}
}
