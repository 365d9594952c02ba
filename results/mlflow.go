package results

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/stage"
)

// ExportMLflow writes all runs as a file store of MLflow, which mlflow ui
// --backend-store-uri FOLDER shows (MLflow 3 wants MLFLOW_ALLOW_FILE_STORE=true, or
// takes it over by mlflow migrate-filestore): an experiment for each name, and in it the runs
// with settings (params), numbers over the epochs (metrics), facts, tags and notes.
// Predictions, figures and checkpoints are not copied. The time of a single number
// is not known: all have that of the run's start.
func (db *DB) ExportMLflow(ctx context.Context, folder string) (files []string, err error) {
	runs, err := db.Runs(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		rec, err := db.Load(ctx, run.ID)
		if err != nil {
			return files, err
		}
		at := mlflowRun{rec: rec, experiment: number18(run.Name), id: hash(run.ID)[:32]}
		at.folder = filepath.Join(folder, at.experiment, at.id)
		if err := errors.Join(at.writeExperiment(folder), at.write()); err != nil {
			return files, fmt.Errorf("export run %s: %w", run.ID, err)
		}
		files = append(files, at.folder)
	}
	return files, nil
}

// mlflowRun is a run in a store.
type mlflowRun struct {
	rec                    *RunRecord
	experiment, id, folder string
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// number18 is an experiment's id as MLflow makes them: 18 digits. The same name has
// the same id in each export.
func number18(name string) string {
	n, _ := strconv.ParseUint(hash(name)[:15], 16, 64) // 60 bits of hexadecimal always parse
	return strconv.FormatUint(100_000_000_000_000_000+n%900_000_000_000_000_000, 10)
}

func writeYAML(path string, fields map[string]any) error {
	text, err := yaml.Marshal(fields)
	if err != nil {
		return err
	}
	return writeDeep(path, string(text))
}

func writeDeep(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

func (r mlflowRun) writeExperiment(folder string) error {
	full, err := filepath.Abs(filepath.Join(folder, r.experiment))
	if err != nil {
		return err
	}
	at := r.rec.Started.UnixMilli()
	return writeYAML(filepath.Join(full, "meta.yaml"), map[string]any{
		"artifact_location": "file://" + full, "creation_time": at, "last_update_time": at,
		"experiment_id": r.experiment, "lifecycle_stage": "active", "name": r.rec.Name,
	})
}

// mlflowStatus are the numbers of RunStatus in MLflow's service.proto.
var mlflowStatus = map[Status]int{Running: 1, Done: 3, Failed: 4, Interrupted: 5, Lost: 5}

func (r mlflowRun) write() error {
	full, err := filepath.Abs(r.folder)
	if err != nil {
		return err
	}
	var end any
	if !r.rec.Ended.IsZero() {
		end = r.rec.Ended.UnixMilli()
	}
	meta := map[string]any{
		"artifact_uri": "file://" + full + "/artifacts", "end_time": end, "entry_point_name": "", "experiment_id": r.experiment,
		"lifecycle_stage": "active", "run_id": r.id, "run_name": r.rec.ID, "run_uuid": r.id, "source_name": "", "source_type": 4,
		"source_version": "", "start_time": r.rec.Started.UnixMilli(), "status": mlflowStatus[r.rec.Status], "tags": []string{}, "user_id": "",
	}
	return errors.Join(writeYAML(filepath.Join(full, "meta.yaml"), meta), os.MkdirAll(filepath.Join(full, "artifacts"), 0o755),
		r.writeMetrics(), r.writeParams(), r.writeTags())
}

// writeMetrics writes a line for each number: time in milliseconds, value, step.
// A final number stands at step 0 of a metric of its own.
func (r mlflowRun) writeMetrics() error {
	texts := map[string]*strings.Builder{}
	for _, s := range r.rec.Scalars {
		own := strings.ReplaceAll(s.Name, "/", " of ") // of a target; macro_f1 is a file, and can hold none
		name, step := mlflowName(s.Series+"/"+own), s.Step
		switch {
		case s.Epoch == stage.Final:
			name, step = "final/"+name, 0
		case step == 0:
			step = s.Epoch
		}
		if texts[name] == nil {
			texts[name] = &strings.Builder{}
		}
		fmt.Fprintf(texts[name], "%d %s %d\n", r.rec.Started.UnixMilli(), pythonFloat(s.Value), step)
	}
	var problems []error
	for name, text := range texts {
		problems = append(problems, writeDeep(filepath.Join(r.folder, "metrics", filepath.FromSlash(name)), text.String()))
	}
	return errors.Join(problems...)
}

// pythonFloat is a number as Python's float reads it.
func pythonFloat(v float64) string {
	return strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64))
}

// mlflowName keeps what MLflow allows in names, and no step out of the folder.
func mlflowName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-. /", c) {
			return c
		}
		return '_'
	}, name)
	var parts []string
	for _, part := range strings.Split(name, "/") {
		if part = strings.Trim(part, ". "); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/")
}

// writeParams writes each setting by its path.
func (r mlflowRun) writeParams() error {
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte(r.rec.Experiment), &tree); err != nil {
		return err
	}
	var problems []error
	for path, value := range leaves(&tree, "") {
		problems = append(problems, writeDeep(filepath.Join(r.folder, "params", mlflowName(path)), value))
	}
	return errors.Join(problems...)
}

// leaves gives the values of a tree by path.
func leaves(n *yaml.Node, path string) map[string]string {
	found := map[string]string{}
	if n.Kind == yaml.ScalarNode && path != "" {
		found[path] = n.Value
	}
	for _, c := range children(n) {
		for at, value := range leaves(c.node, strings.Trim(path+"."+c.name, ".")) {
			found[at] = value
		}
	}
	return found
}

func (r mlflowRun) writeTags() error {
	tags := map[string]string{"mlflow.runName": r.rec.ID, "vertebra.status": string(r.rec.Status), "vertebra.fingerprint": r.rec.Fingerprint}
	if r.rec.Note != "" {
		tags["mlflow.note.content"] = r.rec.Note
	}
	for _, tag := range r.rec.Tags {
		tags[mlflowName(tag)] = "true"
	}
	for _, fact := range r.rec.Facts {
		tags["fact."+mlflowName(fact.Name)] = fact.Value
	}
	var problems []error
	for name, value := range tags {
		problems = append(problems, writeDeep(filepath.Join(r.folder, "tags", filepath.FromSlash(name)), value))
	}
	return errors.Join(problems...)
}
