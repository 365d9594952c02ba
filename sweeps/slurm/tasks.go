package slurm

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Key names a task by the name of its job and its place in the array.
type Key struct {
	Job   string
	Index int
}

// Task is what Slurm knows of a task.
type Task struct {
	ID     string // job_index, as scancel takes it
	State  string // PENDING, RUNNING, COMPLETED, CANCELLED, …
	Reason string // why it waits
	Node   string
	Exit   string // of the script: "exit code 3", "signal 9"; "" for none
}

// fields of squeue and their widths: values are cut at these and never run into
// each other.
var fields = []struct {
	name  string
	width int
}{{"Name", 160}, {"ArrayJobID", 24}, {"ArrayTaskID", 24}, {"State", 24}, {"exit_code", 16}, {"NodeList", 80}, {"Reason", 80}}

// Tasks asks for the tasks of some jobs, by the names of these. Those that ended
// longer ago than the cluster's MinJobAge are no longer known.
func (c Client) Tasks(ctx context.Context, jobs []string) (map[Key]Task, error) {
	var columns []string
	for _, f := range fields {
		columns = append(columns, fmt.Sprintf("%s:%d", f.name, f.width))
	}
	out, err := c.run(ctx, "squeue", "--noheader", "--array", "--states=all", "--name="+strings.Join(jobs, ","), "--Format="+strings.Join(columns, ","))
	if err != nil {
		return nil, err
	}
	return parse(out)
}

// parse reads the table of squeue.
func parse(out string) (map[Key]Task, error) {
	tasks := map[Key]Task{}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		var values []string
		for _, f := range fields {
			n := min(f.width, len(line))
			values = append(values, strings.TrimSpace(line[:n]))
			line = line[n:]
		}
		index, err := strconv.Atoi(values[2])
		if err != nil {
			return nil, Refusal{"squeue", "gave a line that is none of its table: " + strings.Join(values, " ")}
		}
		t := Task{ID: values[1] + "_" + values[2], State: values[3], Exit: exitWords(values[4]), Node: values[5], Reason: values[6]}
		tasks[Key{values[0], index}] = t
	}
	return tasks, nil
}

// exitWords reads a status as wait(2) gives it, or as code:signal.
func exitWords(text string) string {
	code, signal, _ := strings.Cut(text, ":")
	n, err := strconv.Atoi(code)
	if err != nil {
		return ""
	}
	sig, _ := strconv.Atoi(signal)
	if signal == "" {
		n, sig = n>>8, n&0x7f
	}
	switch {
	case sig != 0:
		return fmt.Sprintf("signal %d", sig)
	case n != 0:
		return fmt.Sprintf("exit code %d", n)
	}
	return ""
}

// Waits says whether a task has not begun, or will begin again.
func (t Task) Waits() bool {
	switch t.State {
	case "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "CONFIGURING", "RESV_DEL_HOLD":
		return true
	}
	return false
}

// Over says whether nothing more becomes of a task.
func (t Task) Over() bool {
	switch t.State {
	case "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT":
		return true
	}
	return false // COMPLETING: its processes still end
}
