package slurm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/sweeps"
)

// table is what squeue 22.05 wrote, with a cancelled, a requeued and a waiting task.
var table = row("night.1", "8", "0", "CANCELLED", "768", "node7", "None") +
	row("night.1", "8", "1", "PENDING", "0", "", "BeginTime") +
	row("night.1", "8", "2", "FAILED", "9", "node7", "NonZeroExitCode") + "\n"

func row(values ...string) string {
	line := ""
	for i, f := range fields {
		line += values[i] + strings.Repeat(" ", f.width-len(values[i]))
	}
	return line + "\n"
}

func TestParse(t *testing.T) {
	t.Parallel()
	tasks, err := parse(table)
	if err != nil || len(tasks) != 3 {
		t.Fatal(tasks, err)
	}
	for i, want := range []Task{
		{ID: "8_0", State: "CANCELLED", Reason: "None", Node: "node7", Exit: "exit code 3"},
		{ID: "8_1", State: "PENDING", Reason: "BeginTime"},
		{ID: "8_2", State: "FAILED", Reason: "NonZeroExitCode", Node: "node7", Exit: "signal 9"},
	} {
		if got := tasks[Key{"night.1", i}]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if _, err := parse("slurm_load_jobs error: something\n"); err == nil {
		t.Error("a line of words was taken for a task")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(table)
	f.Fuzz(func(t *testing.T, out string) {
		if tasks, err := parse(out); err == nil && len(tasks) > strings.Count(out, "\n")+1 {
			t.Errorf("%d tasks", len(tasks))
		}
	})
}

func TestExitWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"0": "", "768": "exit code 3", "9": "signal 9", "1:0": "exit code 1", "0:15": "signal 15", "": "", "N/A": ""} {
		if got := exitWords(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestScript(t *testing.T) {
	t.Parallel()
	four := 4*time.Hour + 90*time.Second
	s := sweeps.Slurm{}.Defaults()
	s.Partition, s.Account, s.Qos, s.Memory, s.Time, s.Parallel = "gpu", "lab", "night", "16G", &four, 3
	s.Options, s.Setup = []string{"--constraint=a100"}, []string{"module load cuda/12"}
	b := Batch{Sweep: "night", Job: "night-1.2", Folder: "/home/o'neil/100% sure", Name: "batch-0002", Tasks: []string{"a", "b"}, Command: []string{"/bin/runner", "trial", "--cache", "/a b", "--task"}}
	want := `#!/bin/bash
# 2 trials of the sweep night, written by runner sweep. The folder of task N is line N + 1
# of batch-0002.tasks; it holds what the trial is to do, its results and its log.
#SBATCH --job-name=night-1.2
#SBATCH --array=0-1%3
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --output="/home/o'neil/100%% sure/batch-0002-%a.out"
#SBATCH --partition=gpu
#SBATCH --account=lab
#SBATCH --qos=night
#SBATCH --gres=gpu:1
#SBATCH --mem=16G
#SBATCH --time=241:30
#SBATCH --constraint=a100

module load cuda/12
folder=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" '/home/o'\''neil/100% sure/batch-0002.tasks')
exec /bin/runner trial --cache '/a b' --task "$folder" >>"$folder/log" 2>&1
`
	if got := b.Script(s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A program's own words are the error, and say whether to try again.
func TestRefusal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(folder, "sbatch"), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := Client{Folder: folder}
	for _, test := range []struct {
		program, job, words string
		busy                bool
	}{
		{"echo 17", "17", "", false},
		{"echo '17;cluster'", "17", "", false},
		{"echo what", "", "gave no number of a job: what", false},
		{"echo 'sbatch: error: invalid partition specified: nope' >&2; exit 1", "", "sbatch: error: invalid partition specified: nope", false},
		{"echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)' >&2; exit 1", "", "Unable to contact", true},
		{"exit 3", "", "exit status 3", false},
	} {
		write(test.program)
		job, err := c.Submit(t.Context(), "script")
		var refused Refusal
		if job != test.job || (err != nil) != (test.words != "") || err != nil && (!errors.As(err, &refused) || !strings.Contains(err.Error(), test.words) || refused.Busy() != test.busy) {
			t.Errorf("%s: got %q, %v", test.program, job, err)
		}
	}
}
