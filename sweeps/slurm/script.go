package slurm

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"vertebra/sweeps"
)

// Batch is an array of tasks that are submitted together.
type Batch struct {
	Sweep   string
	Job     string   // its name in the cluster's queue
	Folder  string   // of the script and what lies beside it
	Name    string   // of the script, without .sh
	Tasks   []string // the folder of each
	Command []string // what a task runs; its folder is added
}

// Script is what sbatch is given. It is written to be read, and kept.
func (b Batch) Script(s sweeps.Slurm) string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("#!/bin/bash")
	line("# %d trials of the sweep %s, written by runner sweep. The folder of task N is line N + 1", len(b.Tasks), b.Sweep)
	line("# of %s.tasks; it holds what the trial is to do, its results and its log.", b.Name)
	for _, option := range b.options(s) {
		line("#SBATCH %s", option)
	}
	line("")
	for _, setup := range s.Setup {
		line("%s", setup)
	}
	line(`folder=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" %s)`, quote(filepath.Join(b.Folder, b.Name+".tasks")))
	// exec, so that the signals of Slurm reach the trial itself
	var words []string
	for _, word := range b.Command {
		words = append(words, quote(word))
	}
	line(`exec %s "$folder" >>"$folder/log" 2>&1`, strings.Join(words, " "))
	return out.String()
}

func (b Batch) options(s sweeps.Slurm) []string {
	out := []string{
		"--job-name=" + b.Job,
		fmt.Sprintf("--array=0-%d%%%d", len(b.Tasks)-1, s.Parallel),
		"--ntasks=1",
		fmt.Sprintf("--cpus-per-task=%d", s.Cpus),
		"--requeue",
		"--open-mode=append",
		fmt.Sprintf("--signal=B:USR1@%d", int(s.Lead.Seconds())),
		`--output="` + strings.ReplaceAll(filepath.Join(b.Folder, b.Name), "%", "%%") + `-%a.out"`,
	}
	for _, o := range []struct{ name, value string }{{"partition", s.Partition}, {"account", s.Account}, {"qos", s.Qos}, {"gres", s.Gres}, {"mem", s.Memory}} {
		if o.value != "" {
			out = append(out, "--"+o.name+"="+o.value)
		}
	}
	if s.Time != nil {
		t := s.Time.Round(time.Second)
		out = append(out, fmt.Sprintf("--time=%d:%02d", int(t.Minutes()), int(t.Seconds())%60))
	}
	return append(out, s.Options...)
}

// quote makes one word of a shell.
func quote(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
