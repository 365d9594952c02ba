// Package queue runs the trials of a sweep: as processes, on devices that they
// lease, until the sweep has what it wants or its time is over. What is known of
// a trial is in results before anything depends on it, so that this process, a
// trial or the machine may be killed at any moment.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"vertebra/stages/stage"
)

// Job is what a trial's process is told when it begins.
type Job struct {
	Sweep      string `json:"sweep"`
	Trial      int    `json:"trial"`
	Replicate  int    `json:"replicate"`
	File       string `json:"file"`       // the experiment file, for people
	Experiment string `json:"experiment"` // resolved
	Objective  string `json:"objective"`
	Run        string `json:"run,omitempty"` // to go on with
	Finish     bool   `json:"finish,omitempty"`
	Device     string `json:"device"`
	Threads    int    `json:"threads"`
}

// Message is what a trial tells.
type Message struct {
	Type string `json:"type"` // one of the Tell constants
	Run  string `json:"run,omitempty"`
	// Epoch counts from 1; Value is the objective after it.
	Epoch int     `json:"epoch,omitempty"`
	Value float64 `json:"value,omitempty"`
	None  bool    `json:"none,omitempty"` // there is no Value: it is not a number
	Kind  string  `json:"kind,omitempty"`
	Text  string  `json:"text,omitempty"`
	// Checkpoint is the file that the run goes on from.
	Checkpoint string `json:"checkpoint,omitempty"`
}

// What a trial tells.
const (
	TellRun    = "run"    // the id of its run
	TellBegun  = "begun"  // the first step of training is done
	TellAlive  = "alive"  // it works
	TellEpoch  = "epoch"  // trained, its value recorded
	TellAsk    = "ask"    // may it go on? wants a reply
	TellPaused = "paused" // it ends, its state is stored
	TellDone   = "done"
	TellFailed = "failed"
)

// Reply answers TellAsk.
type Reply struct {
	Do string `json:"do"`
}

// The replies.
const (
	DoGo     = "go"
	DoPause  = "pause"
	DoFinish = "finish" // evaluate what there is
)

// ErrPause ends a trial that may go on later.
var ErrPause = errors.New("paused by the sweep")

// ErrAlone ends a trial whose sweep is gone.
var ErrAlone = errors.New("the process that runs the sweep is gone")

// Link is a trial's line to the process that runs the sweep.
type Link struct {
	Job Job
	// Checkpoint is the file that the trial's state is stored in.
	Checkpoint string

	lock    sync.Mutex
	out     *json.Encoder
	replies chan Reply
	asked   bool
}

// Dial reads the job, and from then on the replies. When the line ends, because
// the process at its other end did, alone is called.
func Dial(in io.Reader, out io.Writer, alone func()) (*Link, error) {
	l := &Link{out: json.NewEncoder(out), replies: make(chan Reply)}
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&l.Job); err != nil {
		return nil, fmt.Errorf("read the job of a trial: %w", err)
	}
	go func() {
		defer close(l.replies)
		for {
			var r Reply
			if err := decoder.Decode(&r); err != nil {
				alone()
				return
			}
			l.replies <- r
		}
	}()
	return l, nil
}

// Tell sends a message. Nobody may be listening any more; the trial learns that
// from its replies.
func (l *Link) Tell(m Message) {
	l.lock.Lock()
	defer l.lock.Unlock()
	_ = l.out.Encode(m)
}

// Ask waits for what the sweep says after so many epochs, whose state is stored:
// nil to go on, ErrPause, or stage.ErrEnough to evaluate what there is. A trial
// that goes on from such a state has had its answer.
func (l *Link) Ask(ctx context.Context, epochs int) error {
	first := !l.asked
	l.asked = true
	switch {
	case l.Job.Finish && first && epochs > 0:
		return stage.ErrEnough
	case first && (epochs == 0 || l.Job.Run != ""):
		return nil
	}
	l.Tell(Message{Type: TellAsk, Epoch: epochs, Checkpoint: l.Checkpoint})
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case r, ok := <-l.replies:
		switch {
		case !ok:
			return ErrAlone
		case r.Do == DoPause:
			return ErrPause
		case r.Do == DoFinish:
			return stage.ErrEnough
		}
		return nil
	}
}
