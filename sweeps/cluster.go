package sweeps

import (
	"strings"
	"time"

	"vertebra/stages/registry"
)

// Slurm says what the tasks of a sweep ask of a Slurm cluster. It counts for
// runner sweep --on slurm alone, and may change from one start to the next.
type Slurm struct {
	Partition string         `help:"where the tasks run, as sbatch --partition; the cluster's default when empty"`
	Account   string         `help:"who pays, as --account; your default when empty"`
	Qos       string         `help:"the quality of service, as --qos; your default when empty"`
	Time      *time.Duration `help:"the longest that a task may run, as --time; the partition's limit when empty. A trial that takes longer goes on in a further turn" over:"0s"`
	Lead      time.Duration  `help:"so long before its time is over a task stores its state and queues again" min:"1s" max:"18h"`
	Gres      string         `help:"what each task computes on, as --gres; empty for the CPU"`
	Cpus      int            `help:"cores of each task, as --cpus-per-task" min:"1" max:"1024"`
	Memory    string         `help:"memory of each task, as --mem, such as 16G; the cluster's default when empty"`
	Parallel  int            `help:"tasks that compute at a time" min:"1" max:"1000"`
	Options   []string       `help:"further options of sbatch, such as --constraint=a100"`
	Setup     []string       `help:"lines of shell before each trial, such as module load cuda"`
	Poll      time.Duration  `help:"how often Slurm is asked how far the tasks are" min:"100ms"`
}

// Defaults are those of a part that no file writes.
func (Slurm) Defaults() Slurm {
	return Slurm{Lead: 2 * time.Minute, Gres: "gpu:1", Cpus: 4, Parallel: 16, Poll: 10 * time.Second}
}

// Problems finds what would break the lines of the script.
func (s Slurm) Problems() []registry.FieldProblem {
	var out []registry.FieldProblem
	for path, text := range map[string]string{"partition": s.Partition, "account": s.Account, "qos": s.Qos, "gres": s.Gres, "memory": s.Memory} {
		if strings.ContainsAny(text, " \t\n\"'") {
			out = append(out, registry.FieldProblem{Path: path, Text: "is one word of sbatch's command line, without spaces and quotes"})
		}
	}
	for _, option := range s.Options {
		if !strings.HasPrefix(option, "-") || strings.Contains(option, "\n") {
			out = append(out, registry.FieldProblem{Path: "options", Text: "each is one option of sbatch, such as --constraint=a100, and not " + option})
		}
	}
	if s.Time != nil && *s.Time <= s.Lead {
		out = append(out, registry.FieldProblem{Path: "time", Text: "is no longer than lead, after which a task already ends", Hint: "give tasks more time, or a shorter lead"})
	}
	return out
}
