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

// process is a trial that computes.
type process struct {
	trial *results.Trial
	slot  Slot
	cmd   *exec.Cmd
	in    io.WriteCloser
	log   string

	begun    time.Time
	heard    time.Time // the last sign of work
	mark     time.Time // when the epoch under way began
	finish   bool      // evaluates what there is
	asked    time.Time // when it was told to end; zero if it was not
	why      string    // it was told to end
	timeout  bool      // because of a limit of its own
	last     *Message  // paused, done or failed
	requeued bool      // goes on by itself later
}

// lease is for how long a device is a trial's without a renewal.
const lease = 30 * time.Second

// start begins a trial on a slot. The row says so before the process exists.
func (c *coordinator) start(ctx context.Context, t *results.Trial, slot Slot, finish bool) error {
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
	p := &process{trial: t, slot: slot, begun: now, heard: now, finish: finish, log: c.logFile(t)}
	if err := c.launch(p); err != nil {
		return c.failed(ctx, t, Crash, err.Error())
	}
	t.PID = p.cmd.Process.Pid
	c.running = append(c.running, p)
	c.o.Say("trial %d on %s%s", t.Number, slot.Name, c.described(t))
	return c.q.Store(ctx, t)
}

func (c *coordinator) logFile(t *results.Trial) string {
	return filepath.Join(c.o.Logs, fmt.Sprintf("trial-%04d-%d.log", t.Number, t.Replicate))
}

// launch starts the process and listens to it.
func (c *coordinator) launch(p *process) (err error) {
	job := Job{Sweep: c.q.ID, Trial: p.trial.Number, Replicate: p.trial.Replicate, File: c.o.File, Experiment: p.trial.Experiment,
		Objective: c.o.Objective, Run: p.trial.Run, Finish: p.finish, Device: p.slot.Device, Threads: p.slot.Threads}
	p.cmd = c.o.Command(job)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the sweep, which tells its trials
	if err := os.MkdirAll(c.o.Logs, 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	from, to, err := os.Pipe()
	if err != nil {
		return err
	}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = log, log, []*os.File{to}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return errors.Join(err, from.Close(), to.Close())
	}
	if err := p.cmd.Start(); err != nil {
		return errors.Join(err, from.Close(), to.Close())
	}
	if err := to.Close(); err != nil {
		return err
	}
	go c.listen(p, from)
	return json.NewEncoder(p.in).Encode(job)
}

// listen passes on what a trial tells, and at last how it ended.
func (c *coordinator) listen(p *process, from io.ReadCloser) {
	decoder := json.NewDecoder(from)
	for {
		var m Message
		if err := decoder.Decode(&m); err != nil {
			break
		}
		c.inbox <- told{from: p, Message: m}
	}
	_ = from.Close()
	c.inbox <- told{from: p, err: p.cmd.Wait(), ended: true}
}

// reply answers a trial that asks; one that is gone hears nothing.
func (p *process) reply(do string) { _ = json.NewEncoder(p.in).Encode(Reply{do}) }

// stop asks a trial to store its state and end. Asked again, it is killed.
func (p *process) stop(now time.Time, why string) {
	if p.asked.IsZero() {
		p.asked, p.why = now, why
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
	}
}

// kill ends a trial and its children at once.
func (p *process) kill() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

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
