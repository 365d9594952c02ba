package queue

import (
	"context"
	"os/exec"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// Options say what is run, and how.
type Options struct {
	Config     sweeps.Config
	Space      sweeps.Space
	Seed       uint64
	File       string // the experiment file
	Objective  string
	Better     stage.Direction
	Epochs     int // most epochs of the experiment as it is written
	Replicates int
	// Noise is the spread of the objective between seeds, as a standard deviation;
	// 0 where nobody measured it.
	Noise float64
	// BasePoint is the experiment as it is written; nil where it lies outside the
	// space.
	BasePoint sweeps.Point

	// Cluster runs the trials, and Slots says how many are handed to it at a time;
	// nil for processes of this machine.
	Cluster *Cluster

	Slots    []Slot
	Deadline time.Time // zero for none
	Grace    time.Duration
	// Rest is for how long nothing begins after the machine made a trial fail; after each
	// further time of the same trial it is five times as long.
	Rest time.Duration

	// Make gives the resolved experiment of a trial and its epochs.
	Make func(settings []sweeps.Assignment, sets []string, replicate int) (experiment string, epochs int, err error)
	// Command makes the process of a trial; its standard input, output and fd 3
	// are set by the queue.
	Command func(Job) *exec.Cmd
	// Measure gives how many bytes of its device a run took at most, 0 where that is not
	// known. With it, slots of one device are used as far as its memory reaches; nil
	// uses all slots.
	Measure func(ctx context.Context, run string) (bytes float64, err error)
	// Report draws the report of the sweep.
	Report func(ctx context.Context, final bool) error
	Now    func() time.Time
	Say    func(format string, args ...any)
	Logs   string // folder of the trials' logs
	Runs   string // folder of the checkpoints
}

// Slot is a place where one trial can compute.
type Slot struct {
	Device  string // as --device takes it
	Name    string // of this slot among those of the device
	Threads int
	Memory  float64 // of the device that was free at the beginning, in bytes; 0 where nobody knows
}

// The types of failures.
const (
	OutOfMemory = stage.OutOfMemory
	NotANumber  = stage.NotANumber
	Data        = stage.BadData
	Timeout     = "timeout"
	User        = "user"
	Crash       = "crash"
	Machine     = stage.Machine // no trial is to blame: a full disk, a locked database
	Cancelled   = "cancelled"   // its task, by scancel
	NodeFailed  = "node failed" // of a cluster
)

// infeasible says whether a failure is the fault of the trial's settings.
func infeasible(kind string) bool {
	return kind == OutOfMemory || kind == NotANumber || kind == Timeout || kind == User
}

// Ended is how a sweep ended.
type Ended struct {
	Status  results.SweepStatus
	Because string
	Unwell  bool // too much failed for it to go on
}
