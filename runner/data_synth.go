package main

import (
	"context"
	"fmt"

	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// synthCommand is runner data synth.
type synthCommand struct {
	Dir     string   `arg:"" help:"Folder to write to: new, empty, or an earlier data set of this command." type:"path"`
	Studies int      `help:"Number of studies, with 25 labelled points each." default:"40"`
	Test    int      `help:"Number of studies besides, for the part without labels, whose answers lie in test_solution.csv and test_label_coordinates.csv." default:"0"`
	Size    int      `help:"Columns of a sagittal image." default:"112"`
	Seed    uint64   `help:"Equal seeds give equal bytes." default:"42"`
	Defects []string `help:"Defects of the real collection to plant: all, none, or names." default:"none"`
}

// Run writes the data set, or finds it written.
func (c synthCommand) Run(ctx context.Context, w world) error {
	if c.Studies < 1 {
		return stage.Fault{Err: fmt.Errorf("%d studies are no data set", c.Studies), Hint: "give --studies 1 or more"}
	}
	o := synth.Options{Seed: c.Seed, Studies: c.Studies, Test: c.Test, Size: c.Size, Defects: c.Defects}
	if len(c.Defects) == 1 && c.Defects[0] == "all" {
		o.Defects = synth.DefectNames()
	}
	if len(c.Defects) == 1 && c.Defects[0] == "none" {
		o.Defects = nil
	}
	s, err := synth.Write(ctx, c.Dir, o)
	if err != nil {
		return err
	}
	verb := "wrote"
	if s.Already {
		verb = "already there:"
	}
	fmt.Fprintf(w.out, "%s %d studies, %d series, %d DICOM files, %d points (normal/mild %d, moderate %d, severe %d) in %s\n",
		verb, s.Studies, s.Series, s.Files, s.Points, s.Classes[0], s.Classes[1], s.Classes[2], c.Dir)
	if s.Test != nil {
		fmt.Fprintf(w.out, "part test: %d studies, %d series, %d DICOM files, %d points\n", s.Test.Studies, s.Test.Series, s.Test.Files, s.Test.Points)
	}
	for _, p := range s.Planted {
		fmt.Fprintf(w.out, "planted %s: study %s %s %s\n", p.Defect, p.Study, p.Series, p.Row)
	}
	return nil
}
