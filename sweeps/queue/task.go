package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// taskFile is what a task of a cluster is to do: the file job.json of its folder.
type taskFile struct {
	Job
	NewRun   string        `json:"new_run,omitempty"` // the id of a run that is to begin
	Batch    int           `json:"batch"`             // the submission that it belongs to
	Index    int           `json:"index"`             // its place there
	JobName  string        `json:"job_name"`
	First    int           `json:"first_journal"`  // the first of this submission
	Asks     []int         `json:"asks,omitempty"` // epochs after which it waits for an answer
	Deadline time.Time     `json:"deadline,omitzero"`
	Patience time.Duration `json:"patience"` // how long it waits
}

// orders are what a task is told meanwhile: the file orders.json.
type orders struct {
	Batch int    `json:"batch"`
	Epoch int    `json:"epoch"`
	Do    string `json:"do,omitempty"` // the answer after Epoch; pause, finish and over hold on
}

// doOver says that a trial is over: a task that is started again ends at once.
const doOver = "over"

// ErrNothing says that a task has nothing to do: it was started again after its end.
var ErrNothing = errors.New("this task has nothing to do: its trial is over, or goes on in another task")

// Task is a trial's line to the sweep where the two share a folder and nothing else.
// Nobody may be reading at its other end: the trial goes on all the same, as far as
// it may without an answer.
type Task struct {
	Job Job
	// NewRun is the id of the run to begin, where Job.Run is empty.
	NewRun string
	// Checkpoint is the file that the trial's state is stored in.
	Checkpoint string
	// Earlier are the predictions and facts of the run from before.
	Earlier []stage.Record

	file    taskFile
	folder  string
	journal *journal
	number  int // of the journal
	now     func() time.Time
	asked   bool
	alive   time.Time
}

// Join reads what the task of a folder is to do, and begins its journal.
func Join(folder string, now func() time.Time) (*Task, error) {
	t := &Task{folder: folder, now: now}
	if err := readJSON(filepath.Join(folder, "job.json"), &t.file); err != nil {
		return nil, fmt.Errorf("read the job of a trial: %w", err)
	}
	o, err := t.orders()
	if err != nil {
		return nil, fmt.Errorf("read the job of a trial: %w", err)
	}
	if o.Batch != t.file.Batch || o.Do == doOver {
		return nil, ErrNothing
	}
	t.Job, t.NewRun = t.file.Job, t.file.NewRun
	if err := t.lookBack(); err != nil {
		return nil, err
	}
	t.journal, t.number, err = newJournal(folder)
	return t, err
}

// lookBack reads what earlier starts left: whether a run was begun, what of it
// further training needs, and whether there is nothing to do.
func (t *Task) lookBack() error {
	r := reader{folder: t.folder, number: 1}
	all, err := r.next()
	if err != nil {
		return fmt.Errorf("read the journals of a trial: %w", err)
	}
	mine := reader{folder: t.folder, number: t.file.First}
	own, err := mine.next()
	if err != nil {
		return fmt.Errorf("read the journals of a trial: %w", err)
	}
	if slices.ContainsFunc(own, func(e entry) bool { return e.Message != nil && e.Message.ends() }) {
		return ErrNothing
	}
	run := ""
	for _, e := range all {
		if e.Begin != nil {
			run = e.Begin.ID
		}
		if t.Job.Run == "" && run == t.NewRun && run != "" {
			t.Job.Run = run
		}
		for _, record := range e.Records {
			switch record.(type) {
			case stage.Prediction, stage.Fact:
				if run == t.Job.Run {
					t.Earlier = append(t.Earlier, record)
				}
			}
		}
	}
	return nil
}

// ends says whether nothing more of the trial comes from this submission.
func (m Message) ends() bool {
	return m.Type == TellDone || m.Type == TellFailed || m.Type == TellPaused && m.Kind == TellAsk
}

// Begin tells that the run begins or goes on.
func (t *Task) Begin(info results.RunInfo) error {
	node, err := os.Hostname()
	if err != nil {
		return err
	}
	return t.journal.write(entry{At: t.now(), Node: node, Begin: &info, Message: &Message{Type: TellRun, Run: info.ID}}, false)
}

// aliveEvery is how often a task tells that it lives.
const aliveEvery = 10 * time.Second

// Tell writes down a message. One that cannot be written is noticed by the records
// that follow it.
func (t *Task) Tell(m Message) {
	now := t.now()
	if m.Type == TellRun { // Begin told it
		return
	}
	if m.Type == TellAlive {
		if now.Sub(t.alive) < aliveEvery {
			return
		}
		t.alive = now
	}
	_ = t.journal.write(entry{At: now, Message: &m}, m.Type == TellAlive)
}

// Ask says what the sweep wants after so many epochs, whose state is stored: nil to
// go on, ErrPause, or stage.ErrEnough to evaluate what there is. After most epochs it
// only looks for orders; where trials may end early it waits for an answer, and pauses
// if nobody gives one.
func (t *Task) Ask(ctx context.Context, epochs int) error {
	first := !t.asked
	t.asked = true
	switch {
	case t.Job.Finish && first && epochs > 0:
		return stage.ErrEnough
	case first && (epochs == 0 || t.Job.Run != "" && t.number == t.file.First):
		return nil
	}
	if _, err := os.Stat(journalPath(t.folder, t.number+1)); err == nil {
		return ErrAlone // Slurm started it again elsewhere, and takes this one for dead
	}
	t.Tell(Message{Type: TellAsk, Epoch: epochs, Checkpoint: t.Checkpoint})
	if !t.file.Deadline.IsZero() && t.now().After(t.file.Deadline) {
		return ErrPause
	}
	return t.answer(ctx, epochs)
}

func (t *Task) answer(ctx context.Context, epochs int) error {
	begun, rung := t.now(), slices.Contains(t.file.Asks, epochs)
	for {
		o, err := t.orders()
		switch {
		case err != nil && !rung:
			return nil
		case err != nil: // a network drive has its moments
		case o.Batch != t.file.Batch:
			return ErrAlone
		case o.Do == DoPause, o.Do == doOver:
			return ErrPause
		case o.Do == DoFinish:
			return stage.ErrEnough
		case !rung, o.Do == DoGo && o.Epoch == epochs:
			return nil
		}
		if t.now().Sub(begun) > t.file.Patience {
			return ErrPause
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(time.Second, t.file.Patience/20)):
		}
	}
}

func (t *Task) orders() (o orders, err error) {
	return o, readJSON(filepath.Join(t.folder, "orders.json"), &o)
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// writeJSON replaces a file as a whole.
func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return replace(path, append(data, '\n'))
}

func replace(path string, data []byte) error {
	part, err := stage.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	_, err = part.Write(data)
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name())
	}
	return err
}
