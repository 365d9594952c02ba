package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"vertebra/results"
)

// process is a trial that computes, or will as soon as a cluster lets it.
type process struct {
	trial *results.Trial
	slot  Slot
	work  worker
	log   string
	say   func(format string, args ...any)

	begun    time.Time // zero while it waits in a cluster
	span     int       // the place of its span among those of the trial; -1 while there is none
	heard    time.Time // the last sign of work
	told     time.Time // when that was, by the clock of a cluster's node
	mark     time.Time // when the epoch under way began
	finish   bool      // evaluates what there is
	asked    time.Time // when it was told to end; zero if it was not
	killed   time.Time // when it was last ended at once
	why      string    // it was told to end
	beside   bool      // others computed on its device
	timeout  bool      // because of a limit of its own
	last     *Message  // paused, done or failed
	requeued bool      // goes on by itself later
}

// worker is where a trial computes: a process of this machine, or a task of a
// cluster.
type worker interface {
	// reply answers a trial that asks; one that is gone hears nothing.
	reply(epoch int, do string)
	stop() // asks it to store its state and end
	kill() // ends it at once
	close()
}

// local is a process of this machine.
type local struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

// lease is for how long a device is a trial's without a renewal.
const lease = 30 * time.Second

// start begins a trial on a slot. The row says so before the process exists.
func (c *coordinator) start(ctx context.Context, t *results.Trial, slot Slot, finish bool) error {
	if c.cluster != nil {
		return c.choose(ctx, t, slot, finish)
	}
	now := c.o.Now()
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	t.Attempt = max(t.Attempt, 1)
	t.State, t.Reason, t.Device, t.Host, t.PID = results.TrialRunning, "", slot.Name, host, 0
	t.Lease, t.Heartbeat = now.Add(lease), now
	t.Spans = append(t.Spans, results.Span{Device: slot.Name, Begun: now, First: t.Epochs, Last: t.Epochs})
	if err := c.q.Store(ctx, t); err != nil {
		return err
	}
	p := &process{trial: t, slot: slot, begun: now, heard: now, finish: finish, log: c.logFile(t), span: len(t.Spans) - 1, say: c.o.Say}
	pid, err := c.launch(p)
	if err != nil {
		return c.failed(ctx, t, Machine, err.Error()) // no trial is to blame for a process that does not begin
	}
	t.PID = pid
	c.running = append(c.running, p)
	c.besides(p)
	c.o.Say("trial %d on %s%s", t.Number, slot.Name, c.described(t))
	return c.q.Store(ctx, t)
}

func (c *coordinator) logFile(t *results.Trial) string {
	return filepath.Join(c.o.Logs, fmt.Sprintf("trial-%04d-%d.log", t.Number, t.Replicate))
}

func (c *coordinator) job(p *process) Job {
	return Job{Sweep: c.q.ID, Trial: p.trial.Number, Replicate: p.trial.Replicate, File: c.o.File, Experiment: p.trial.Experiment,
		Objective: c.o.Objective, Run: p.trial.Run, Finish: p.finish, Device: p.slot.Device, Threads: p.slot.Threads}
}

// launch starts the process and listens to it.
func (c *coordinator) launch(p *process) (pid int, err error) {
	job := c.job(p)
	l := &local{cmd: c.o.Command(job)}
	l.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the sweep, which tells its trials
	if err := os.MkdirAll(c.o.Logs, 0o755); err != nil {
		return 0, err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	from, to, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	l.cmd.Stdout, l.cmd.Stderr, l.cmd.ExtraFiles = log, log, []*os.File{to}
	if l.in, err = l.cmd.StdinPipe(); err != nil {
		return 0, errors.Join(err, from.Close(), to.Close())
	}
	if err := l.cmd.Start(); err != nil {
		return 0, errors.Join(err, from.Close(), to.Close())
	}
	if err := to.Close(); err != nil {
		return 0, err
	}
	p.work = l
	go c.listen(p, l.cmd, from)
	_ = json.NewEncoder(l.in).Encode(job) // one that has ended already reads nothing; listen tells
	return l.cmd.Process.Pid, nil
}

// listen passes on what a trial tells, and at last how it ended.
func (c *coordinator) listen(p *process, cmd *exec.Cmd, from io.ReadCloser) {
	decoder := json.NewDecoder(from)
	for {
		var m Message
		if err := decoder.Decode(&m); err != nil {
			break
		}
		c.inbox <- told{from: p, Message: m}
	}
	_ = from.Close()
	c.inbox <- told{from: p, err: cmd.Wait(), ended: true}
}

func (l *local) reply(_ int, do string) { _ = json.NewEncoder(l.in).Encode(Reply{do}) }

func (l *local) stop() { _ = l.cmd.Process.Signal(syscall.SIGTERM) }

// kill ends a trial and its children at once.
func (l *local) kill() { _ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL) }

func (l *local) close() { _ = l.in.Close() }

// stop asks a trial to store its state and end. Asked again, it is killed.
func (p *process) stop(now time.Time, why string) {
	if p.asked.IsZero() {
		p.asked, p.why = now, why
		p.work.stop()
	}
}

// killEvery is how often a trial is killed that does not end of it: a cluster takes
// its time.
const killEvery = 30 * time.Second

// kill ends a trial at once.
func (p *process) kill(now time.Time) {
	if now.Sub(p.killed) > killEvery {
		p.killed = now
		p.work.kill()
	}
}

// lines is how much of a log is kept with a failed trial.
const lines = 15

// tail gives the last lines of a log.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(bytes.ToValidUTF8(data, []byte("?")))), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// described writes the settings of a trial for people.
func (c *coordinator) described(t *results.Trial) string {
	text := ""
	if t.Origin == results.Baseline {
		text = ": the experiment as it is written"
	}
	for _, p := range c.o.Space.Params {
		if v, ok := t.Settings[p.Path]; ok {
			text += " " + p.Path + "=" + v
		}
	}
	if t.Epochs > 0 {
		text += fmt.Sprintf(" from epoch %d", t.Epochs)
	}
	if t.Replicate > 0 {
		text += fmt.Sprintf(" (run %d of %d)", t.Replicate+1, c.o.Replicates)
	}
	return text
}
