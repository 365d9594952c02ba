package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"vertebra/stages/stage"
)

func terminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// console shows a run: bars on a terminal, plain lines otherwise.
type console struct {
	out io.Writer
	tty bool
	now func() time.Time

	lock  sync.Mutex
	bar   *progressbar.ProgressBar
	label string
	last  time.Time

	epochs epochLines
}

var _ stage.Recorder = (*console)(nil)

// newConsole begins to wait: what is done within ten seconds needs no line of progress.
func newConsole(w world) *console { return &console{out: w.err, tty: w.tty, now: w.now, last: w.now()} }

func (c *console) say(format string, args ...any) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.clear()
	fmt.Fprintf(c.out, format+"\n", args...)
}

func (c *console) clear() {
	if c.bar != nil {
		_ = c.bar.Clear()
		c.bar, c.label = nil, ""
	}
}

func (c *console) close() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.clear()
}

// Progress moves the bar; without a terminal it writes a line every ten seconds.
func (c *console) Progress(p stage.Progress) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if !c.tty {
		if now := c.now(); now.Sub(c.last) >= 10*time.Second {
			c.last = now
			fmt.Fprintf(c.out, "%s: %s %d/%d %s %s\n", p.Stage, p.Label, p.Done, p.Total, p.Unit, p.Note)
		}
		return
	}
	label := p.Stage + ": " + p.Label
	if c.bar == nil || c.label != label {
		c.clear()
		c.label = label
		c.bar = progressbar.NewOptions(p.Total, progressbar.OptionSetWriter(c.out), progressbar.OptionClearOnFinish(),
			progressbar.OptionShowCount(), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond))
	}
	c.bar.Describe(label + "  " + p.Note)
	_ = c.bar.Set(p.Done)
}

// Record shows what a person at the terminal waits for.
func (c *console) Record(_ context.Context, records ...stage.Record) error {
	var numbers []stage.Scalar // of an epoch
	minor := 0
	for _, r := range records {
		switch r := r.(type) {
		case stage.Event:
			if r.Stage == "audit" && r.Level == "info" {
				minor++ // a screen of them would hide what matters
				continue
			}
			c.event(r)
		case stage.PhaseRecord:
			c.phase(r)
		case stage.Scalar:
			if r.Epoch > 0 {
				numbers = append(numbers, r)
			}
		}
	}
	if minor > 0 {
		c.say("info: audit: findings of no great matter: %d, told by runner audit FILE and in the report", minor)
	}
	if numbers != nil {
		c.say("%s", c.epochs.line(numbers, c.now()))
	}
	return nil
}

// event shows what happened. What has no stage is told by the command itself.
func (c *console) event(e stage.Event) {
	switch {
	case e.Stage != "":
		c.say("%s: %s: %s", e.Level, e.Stage, e.Text)
	case e.Level == "info":
		c.say("%s", e.Text)
	default:
		c.say("%s: %s", e.Level, e.Text)
	}
}

// warn tells what a reader must know.
func (c *console) warn(format string, args ...any) { c.say("warning: "+format, args...) }

func (c *console) phase(p stage.PhaseRecord) {
	if p.Ended == "" {
		c.epochs.start(p, c.now())
		c.say("phase %s: trains %v, %d of %d parameters", p.Name, p.Groups, p.Trainable, p.Total)
		return
	}
	c.say("phase %s: %s, best epoch %d", p.Name, p.Ended, p.BestEpoch)
}
