package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// showCommand is runner show.
type showCommand struct {
	File string   `arg:"" help:"Experiment file; or a run, of which the experiment is printed as it was carried out: its name (the latest so called), its id, the beginning of one, or latest; or a package of a run."`
	Set  []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	JSON bool     `help:"Write JSON: path, value, file and line of each setting of a file; of a package its manifest, with numbers, counts of the data, and all parts."`
	database
}

// Run prints the resolved experiment; each value says where it comes from.
func (c showCommand) Run(ctx context.Context, w world) error {
	if packages.Names(c.File) {
		return c.packed(ctx, w)
	}
	info, err := os.Stat(c.File)
	switch {
	case err != nil && experiments.IsFile(c.File):
		return stage.Fault{Err: fmt.Errorf("there is no file %s", c.File), Hint: nearFiles(c.File)}
	case err != nil || info.IsDir():
		return c.run(ctx, w)
	}
	c.File = kong.ExpandPath(c.File)
	x, warnings, err := experiments.Explain(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	x.Shorten(w.dir)
	if c.JSON {
		encoder := json.NewEncoder(w.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(x.Values)
	}
	_, err = w.out.Write(x.YAML())
	return err
}

// run prints the experiment of a run.
func (c showCommand) run(ctx context.Context, w world) error {
	if c.JSON || c.Set != nil {
		return stage.Fault{Err: fmt.Errorf("%s is no file: --json and --set are for files", c.File), Hint: "runner show RUN > FILE writes the experiment of a run as a file"}
	}
	return c.use(ctx, func(db *results.DB) error {
		record, err := db.Load(ctx, c.File)
		if err == nil {
			of := ", of " + record.File
			if record.File == "" { // an ensemble
				of = ""
			}
			text, words := record.Experiment, ""
			if experiments.MeansOther(text) { // a file with it would do something else today
				text, words = string(experiments.Present(text)), ", in the words of this version"
			}
			_, err = fmt.Fprintf(w.out, "# run %s (%s)%s, all defaults included%s\n%s", record.ID, record.StatusWords(), of, words, text)
		}
		return err
	})
}

// packed prints the experiment of a package, or its manifest, after a look at all parts.
func (c showCommand) packed(ctx context.Context, w world) error {
	if c.Set != nil {
		return stage.Fault{Err: fmt.Errorf("%s is a package: --set is for files", c.File), Hint: "runner show FILE.zip > FILE.yaml writes the experiment of a package as a file"}
	}
	run, err := finished.OpenPackage(c.File)
	if err == nil {
		err = run.In.Verify(ctx)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(w.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(run.In.Manifest)
	}
	m := run.In.Manifest
	fmt.Fprintf(w.out, "# package %s: run %s, finished on %s, all defaults included\n", c.File, run.ID(), m.Run.Trained)
	fmt.Fprintf(w.out, "# all %d parts are as they were packed\n", len(m.Parts))
	for _, setting := range m.Left {
		fmt.Fprintf(w.out, "# left out: %s\n", setting)
	}
	for i, member := range m.Members {
		fmt.Fprintf(w.out, "# member %d: run %s; unzip -p %s %s prints its experiment\n", i+1, member.ID, c.File, member.Experiment)
	}
	_, err = fmt.Fprint(w.out, run.Experiment())
	return err
}
