package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
	"vertebra/sweeps/slurm"
)

// Cluster says how trials run as tasks of a Slurm cluster instead of as processes
// of this machine. Options.Logs is then the folder that both see.
type Cluster struct {
	Slurm    slurm.Client
	Settings sweeps.Slurm
	DB       *results.DB   // what tasks wrote down is merged into it
	Job      string        // the beginning of the names of jobs
	Command  []string      // of a task; its folder is added
	Patience time.Duration // of a task that waits for an answer
	Retry    time.Duration // how long a refused submission waits
}

// most tasks of one array: Slurm's MaxArraySize is 1001 where nobody changed it.
const mostTasks = 1000

// cluster keeps what is in the hands of Slurm.
type cluster struct {
	*Cluster
	folder string
	inbox  chan told
	now    func() time.Time
	blind  chan struct{} // closed once nobody watches

	chosen   []*task   // to be submitted
	retry    time.Time // not before, after a refusal
	refusals int
	warned   []string // running tasks that are to store their state
	ended    []string // tasks that are to be cancelled

	lock  sync.Mutex
	tasks []*task // submitted
	quiet bool    // squeue's last complaint was told
}

// task is a trial in the hands of Slurm. The fields after read are the watcher's.
type task struct {
	k    *cluster
	p    *process
	file taskFile

	lock sync.Mutex
	id   string // job_index; "" until it is known
	seen slurm.Task

	read    reader
	run     *results.Run
	info    *results.RunInfo // of the run; nil before it begins
	running bool
	over    bool // it told its last
	settled int  // how often it was seen to be gone
}

func newCluster(o *Options, inbox chan told) *cluster {
	if o.Cluster == nil {
		return nil
	}
	return &cluster{Cluster: o.Cluster, folder: o.Logs, inbox: inbox, now: o.Now, blind: make(chan struct{})}
}

// blind is closed once nobody hears of tasks any more.
func (c *coordinator) blind() <-chan struct{} {
	if c.cluster == nil {
		return nil
	}
	return c.cluster.blind
}

// taskFolder holds all that belongs to one trial.
func (c *coordinator) taskFolder(t *results.Trial) string {
	return filepath.Join(c.o.Logs, fmt.Sprintf("trial-%04d-%d", t.Number, t.Replicate))
}

// choose takes a trial for the next submission.
func (c *coordinator) choose(ctx context.Context, t *results.Trial, slot Slot, finish bool) error {
	t.Attempt = max(t.Attempt, 1)
	t.State, t.Reason, t.Device = results.Queued, "", onSlurm
	if err := c.q.Store(ctx, t); err != nil {
		return err
	}
	p := &process{trial: t, slot: slot, finish: finish, span: -1, log: filepath.Join(c.taskFolder(t), "log"), say: c.o.Say}
	own := &task{k: c.cluster, p: p}
	p.work = own
	c.running, c.cluster.chosen = append(c.running, p), append(c.cluster.chosen, own)
	return nil
}

// onSlurm begins the device of a trial that waits or runs there.
const onSlurm = "slurm"

// inCluster says whether a row is in the hands of Slurm.
func inCluster(t *results.Trial) bool {
	return (t.State == results.Queued || t.State == results.TrialRunning) && strings.HasPrefix(t.Device, onSlurm)
}

// submit hands the chosen trials to Slurm, as one array. What it refuses for now is
// tried again later.
func (c *coordinator) submit(ctx context.Context) error {
	k := c.cluster
	if k == nil || len(k.chosen) == 0 || c.o.Now().Before(k.retry) {
		return nil
	}
	chosen := k.chosen[:min(len(k.chosen), mostTasks)]
	batch, err := c.write(ctx, chosen)
	if err != nil {
		return err
	}
	script := filepath.Join(k.folder, batch.Name+".sh")
	job, err := k.Slurm.Submit(context.WithoutCancel(ctx), script)
	var refused slurm.Refusal
	switch {
	case errors.As(err, &refused) && (refused.Busy() || len(k.chosen) < len(c.running)):
		k.refusals++
		k.retry = c.o.Now().Add(min(time.Duration(k.refusals)*k.Retry, 10*time.Minute))
		return c.event(ctx, -1, "warning", fmt.Sprintf("Slurm took %d trials not yet, which is tried again: %v", len(chosen), err))
	case err != nil:
		return stage.Fault{Err: fmt.Errorf("Slurm refused the trials: %w", err), Hint: "what it was given is in " + script + "; sweep.slurm says what tasks ask for"}
	}
	k.chosen, k.refusals = k.chosen[len(chosen):], 0
	var rows []*results.Trial
	for _, t := range chosen {
		t.id = fmt.Sprintf("%s_%d", job, t.file.Index)
		t.p.trial.Device = onSlurm + " " + t.id
		rows = append(rows, t.p.trial)
	}
	if err := c.q.Store(ctx, rows...); err != nil {
		return err
	}
	k.add(chosen...)
	c.o.Say("job %s of Slurm: %d trials", job, len(chosen))
	return nil
}

func (k *cluster) add(tasks ...*task) {
	k.lock.Lock()
	defer k.lock.Unlock()
	k.tasks = append(k.tasks, tasks...)
}

// write lays down what the tasks of a batch are to do, and the script.
func (c *coordinator) write(ctx context.Context, tasks []*task) (slurm.Batch, error) {
	k := c.cluster
	number := 1
	for ; ; number++ {
		if _, err := os.Stat(filepath.Join(k.folder, batchName(number)+".sh")); err != nil {
			break
		}
	}
	b := slurm.Batch{Sweep: c.q.ID, Job: fmt.Sprintf("%s.%d", k.Job, number), Folder: k.folder, Name: batchName(number), Command: k.Command}
	for i, t := range tasks {
		if err := c.describe(ctx, t, b.Job, number, i); err != nil {
			return b, err
		}
		b.Tasks = append(b.Tasks, c.taskFolder(t.p.trial))
	}
	err := replace(filepath.Join(k.folder, b.Name+".tasks"), []byte(strings.Join(b.Tasks, "\n")+"\n"))
	return b, errors.Join(err, replace(filepath.Join(k.folder, b.Name+".sh"), []byte(b.Script(k.Settings))))
}

func batchName(number int) string { return fmt.Sprintf("batch-%04d", number) }

// describe writes the folder of one trial.
func (c *coordinator) describe(ctx context.Context, t *task, job string, batch, index int) (err error) {
	row, folder := t.p.trial, c.taskFolder(t.p.trial)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	t.file = taskFile{Job: c.job(t.p), Batch: batch, Index: index, JobName: job, First: 1, Deadline: c.o.Deadline, Patience: c.cluster.Patience}
	if row.Replicate == 0 && row.Origin != results.Baseline {
		t.file.Asks = c.asks(row.MaxEpochs)
	}
	if t.file.NewRun, err = c.newRun(ctx, row); err != nil {
		return err
	}
	for ; ; t.file.First++ {
		if _, err := os.Stat(journalPath(folder, t.file.First)); err != nil {
			break
		}
	}
	t.read = reader{folder: folder, number: t.file.First}
	err = writeJSON(filepath.Join(folder, "job.json"), t.file)
	return errors.Join(err, writeJSON(filepath.Join(folder, "orders.json"), orders{Batch: batch}))
}

// newRun is the id of a run that is to begin: 2026-11-26-rates.t3. No other run has
// a dot in its id.
func (c *coordinator) newRun(ctx context.Context, t *results.Trial) (string, error) {
	if t.Run != "" {
		return "", nil
	}
	base := fmt.Sprintf("%s.t%d", c.q.ID, t.Number)
	if t.Replicate > 0 {
		base += fmt.Sprintf(".r%d", t.Replicate)
	}
	for id, n := base, 2; ; n++ {
		status, err := c.cluster.DB.RunStatus(ctx, id)
		if err != nil || status == "" {
			return id, err
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// order tells a task what to do.
func (t *task) order(epoch int, do string) error {
	return writeJSON(filepath.Join(t.read.folder, "orders.json"), orders{t.file.Batch, epoch, do})
}

// reply answers a task that asks. It waits for the answer at rungs alone.
func (t *task) reply(epoch int, do string) {
	waits := slices.Contains(t.file.Asks, epoch)
	if !waits && do == DoGo {
		return
	}
	if err := t.order(epoch, do); err != nil { // it pauses for want of an answer
		t.p.say("trial %d: %v", t.p.trial.Number, err)
	}
}

// stop asks a task to store its state, or takes it out of the queue.
func (t *task) stop() {
	t.lock.Lock()
	defer t.lock.Unlock()
	switch {
	case t.id == "":
	case t.seen.State == "RUNNING" || !t.p.begun.IsZero():
		t.k.warned = append(t.k.warned, t.id)
	default:
		t.k.ended = append(t.k.ended, t.id)
	}
}

// kill lets Slurm end a task.
func (t *task) kill() {
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.id != "" {
		t.k.ended = append(t.k.ended, t.id)
	}
}

// close has nothing to close: what there is is files.
func (t *task) close() {}

// settle tells a task that its trial is over, so that it does nothing if Slurm or a
// person starts it again.
func (t *task) settle() error {
	if t.read.folder == "" { // it was never described
		return nil
	}
	return t.order(0, doOver)
}

// flush carries out what stop and kill asked for, and takes back what is not
// submitted yet.
func (c *coordinator) flush(ctx context.Context) error {
	k := c.cluster
	if k == nil {
		return nil
	}
	if err := c.takeBack(ctx); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	var err error
	if len(k.warned) > 0 {
		err = k.Slurm.Warn(ctx, k.warned...)
	}
	if len(k.ended) > 0 {
		err = errors.Join(err, k.Slurm.Cancel(ctx, k.ended...))
	}
	k.warned, k.ended = nil, nil
	if err != nil { // they are asked again after the grace, and killed
		return c.event(ctx, -1, "warning", err.Error())
	}
	return nil
}

// takeBack ends what was chosen, and that nobody wants any more.
func (c *coordinator) takeBack(ctx context.Context) error {
	var left []*task
	for _, t := range c.cluster.chosen {
		if t.p.asked.IsZero() {
			left = append(left, t)
			continue
		}
		if err := c.gone(ctx, t.p, taskLost{}); err != nil {
			return err
		}
	}
	c.cluster.chosen = left
	return nil
}
