// Package slurm speaks with a Slurm cluster through its programs: sbatch, squeue
// and scancel. It needs no accounting database.
package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"vertebra/stages/stage"
)

// patience is how long one of Slurm's programs may take: a busy controller
// answers after a minute and more.
const patience = 3 * time.Minute

// Client runs Slurm's programs.
type Client struct {
	// Folder is where they lie; "" for wherever the PATH leads.
	Folder string
}

// Find says what is missing for submitting from this machine.
func Find() (Client, error) {
	for _, program := range []string{"sbatch", "squeue", "scancel"} {
		if _, err := exec.LookPath(program); err != nil {
			return Client{}, stage.Fault{Err: fmt.Errorf("there is no %s on this machine", program),
				Hint: "start the sweep where jobs are submitted, such as a login node of the cluster; or leave --on slurm out"}
		}
	}
	return Client{}, nil
}

// Refusal is Slurm's own word about what it does not do.
type Refusal struct {
	Program string
	Said    string
}

func (r Refusal) Error() string { return r.Program + ": " + r.Said }

// Busy says whether the same may work later: the controller does not answer, or a
// limit on submitted jobs is reached.
func (r Refusal) Busy() bool {
	for _, sign := range []string{"Unable to contact", "timed out", "Connection refused", "temporarily", "Resource temporarily unavailable", "try again", "QOSMaxSubmit", "AssocMaxSubmit", "MaxSubmit", "violates accounting/QOS policy", "queue limit"} {
		if strings.Contains(r.Said, sign) {
			return true
		}
	}
	return false
}

// Submit hands a script to the cluster and gives the number of its job.
func (c Client) Submit(ctx context.Context, script string) (job string, err error) {
	out, err := c.run(ctx, "sbatch", "--parsable", script)
	job, _, _ = strings.Cut(strings.TrimSpace(out), ";") // with several clusters: job;cluster
	if _, number := strconv.Atoi(job); err == nil && number != nil {
		return "", Refusal{"sbatch", "gave no number of a job: " + out}
	}
	return job, err
}

// Try asks whether a script would be taken, and submits nothing.
func (c Client) Try(ctx context.Context, script string) error {
	_, err := c.run(ctx, "sbatch", "--test-only", script)
	return err
}

// Warn tells running tasks (job_index) to store their state and end.
func (c Client) Warn(ctx context.Context, tasks ...string) error {
	_, err := c.run(ctx, "scancel", append([]string{"--quiet", "--signal=TERM", "--batch"}, tasks...)...)
	return err
}

// Cancel ends tasks (job_index), whether they run or wait. Slurm warns them itself,
// and kills them after its KillWait.
func (c Client) Cancel(ctx context.Context, tasks ...string) error {
	_, err := c.run(ctx, "scancel", append([]string{"--quiet"}, tasks...)...)
	return err
}

// run gives what a program wrote, or a Refusal with what it complained of.
func (c Client) run(ctx context.Context, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(c.Folder, program), args...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	if err == nil {
		return out.String(), nil
	}
	said := strings.TrimSpace(complaints.String())
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		said = fmt.Sprintf("timed out after %s %s", patience, said)
	case said == "":
		said = err.Error()
	}
	return out.String(), Refusal{program, strings.ReplaceAll(said, program+": ", "")}
}
