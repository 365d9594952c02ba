package pack

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// namesOf reads a fact that lists names.
func namesOf(r packages.Run, fact string) (out []string) {
	if json.Unmarshal([]byte(r.Fact(fact)), &out) != nil {
		return nil
	}
	return out
}

// card is the README.md of a package: what it is, for people who have nothing else of it.
func card(m packages.Manifest) []byte {
	c := &cardText{m: m, asked: m.Members}
	if len(m.Members) == 0 {
		c.asked = []packages.Run{m.Run}
	}
	c.what()
	c.use()
	c.image()
	c.data()
	c.numbers()
	c.inside()
	return []byte(c.String())
}

type cardText struct {
	strings.Builder
	m     packages.Manifest
	asked []packages.Run // whose nets are asked
}

func (c *cardText) say(format string, args ...any) { fmt.Fprintf(&c.Builder, format+"\n", args...) }

func (c *cardText) what() {
	r := c.m.Run
	c.say("# %s\n", r.Name)
	classes, targets := namesOf(r, evaluate.ClassesFact), namesOf(r, audit.TargetsFact)
	if len(targets) > 0 {
		c.say("A trained net that says of an image, for each of %d targets, how probable each of %d classes is.\n", len(targets), len(classes))
		c.say("- targets: %s", strings.Join(targets, ", "))
	} else {
		c.say("A trained net that says of an image how probable each of %d classes is.\n", len(classes))
	}
	if asked, err := finished.Questions(r); err == nil && asked.Among != nil {
		for target, name := range asked.Targets {
			c.say("- classes of %s: %s", name, strings.Join(asked.Names(target), ", "))
		}
	} else {
		c.say("- classes: %s", strings.Join(classes, ", "))
	}
	if r.Purpose != "" {
		c.say("- the question of the experiment: %s", strings.Join(strings.Fields(r.Purpose), " "))
	}
	c.each(func(of *cardText, r packages.Run) {
		began := "drawn weights"
		if from := r.Fact("weights"); from != "" {
			began = "the weights " + from
		}
		of.say("- net: %s, %s parameters, begun from %s", r.Backbone, r.Fact("parameters"), began)
	})
	trained := r
	if len(c.m.Members) == 1 {
		trained = c.m.Members[0]
	}
	c.say("- trained: run %s, finished on %s, libtorch %s on %s", trained.ID, trained.Trained, c.asked[0].Fact("libtorch"), c.asked[0].Fact("device"))
	switch {
	case len(c.m.Members) == 1:
		c.say("- its answers are those of that run as run %s has them, made on %s", r.ID, r.Trained)
	case len(c.m.Members) > 0:
		c.say("- it blends the answers of %d runs: %s", len(c.m.Members), strings.Join(namesOf(r, results.EnsembleFact), ", "))
	case len(r.Nets) > 1:
		c.say("- it takes the mean of the answers of %d nets, one for each fold", len(r.Nets))
	}
	if views := c.asked[0].Fact("test-time augmentation"); views != "" {
		c.say("- test-time augmentation: %s", views)
	}
	if calibrator, err := evaluate.ReadCalibrator(r.Fact(evaluate.CalibrationFact), len(classes)); err == nil {
		shown := "the validation cases"
		if calibrator.Folds != nil {
			shown = "cases that a net had not seen"
		}
		c.say("- probabilities are calibrated (%s), as %s showed; `--raw` leaves that out", calibrator.Name, shown)
	}
	if sets, err := evaluate.ReadSets(r.Fact(evaluate.SetsFact), len(classes)); err == nil {
		c.say("- prediction sets (%s, %s) are made to hold the right class of %.4g %% of cases like those of the validation split", sets.Method.Name, sets.Guarantee, 100*sets.Coverage)
	}
	if slices.ContainsFunc(r.Nets, func(n packages.Net) bool { return n.Outliers != "" }) {
		c.say("- `outlier_p` says how unlike those of its training an image is: of images like those of the validation split, at most one in twenty has 0.05 or less")
	}
	if c.finds() {
		c.say("- it crops around points; where nobody marked any, another net, which is in the file, finds them: `runner locate model.zip` says where")
	}
	c.say("- the answer is the class of the largest probability")
}

// finds says whether each run whose images need a point brings a net that finds it.
func (c *cardText) finds() bool {
	lacks := func(r packages.Run) bool { return r.Image.Point && r.Locate == nil }
	return slices.ContainsFunc(c.asked, func(r packages.Run) bool { return r.Locate != nil }) && !slices.ContainsFunc(c.asked, lacks)
}

func (c *cardText) use() {
	c.say("\n## Using it\n\nWith `runner` of Vertebra, without a database, and without the data of the training:\n")
	tables := slices.ContainsFunc(c.asked, func(r packages.Run) bool { return r.Image.Place })
	point := !c.finds() && slices.ContainsFunc(c.asked, func(r packages.Run) bool { return r.Image.Point })
	several := slices.IndexFunc(c.asked, func(r packages.Run) bool { return len(r.Image.Columns) > 0 })
	if !tables && !point && several < 0 {
		c.say("    runner predict model.zip new/*.dcm scans/ -o out.csv")
	}
	if !tables {
		columns, rows := "image", "a row for each image"
		if point {
			columns = "image, x, y"
		}
		if point && slices.ContainsFunc(c.asked, func(r packages.Run) bool { return r.Image.Levels }) {
			columns, rows = "image, x, y, level", "a row for each point"
		}
		if several >= 0 {
			columns, rows = strings.Join(c.asked[several].Image.Columns, ", "), "rows as those of the training"
		}
		c.say("    runner predict model.zip cases.csv -o out.csv                 # %s: columns %s", rows, columns)
	}
	c.say("    runner predict model.zip theirs.yaml --split test             # labelled cases of your own: also measured")
	c.say("    runner show model.zip                                         # the experiment, as a file to begin another with")
	c.say("    runner export model model.zip net.onnx                        # for other programs")
	c.say("\nBefore it is used, measure it on labelled cases of the place where it will be used: scanners,\nprotocols and patients differ, and nobody knows by how much. It is no medical device.")
}

func (c *cardText) image() {
	c.say("\n## What an image must be\n\nDICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP or PNM; the steps below make of it what the net sees.")
	c.each(func(of *cardText, r packages.Run) {
		i := r.Image
		of.say("\n- a sample is a %s", i.Sample)
		switch {
		case i.Place:
			of.say("- found by the tables of a data set: name an experiment file whose data section says where they are")
		case len(i.Columns) > 0:
			of.say("- named by a table, in the columns %s", strings.Join(i.Columns, ", "))
		case i.Point:
			of.say("- with a point in it, around which it is cropped: columns x and y, in pixels")
		}
		switch {
		case i.Levels && i.Place:
			of.say("- cropped by how far neighbouring levels of its series lie apart")
		case i.Levels:
			of.say("- cropped by how far neighbouring levels of its series lie apart: points of these too, with their names (L1/L2, …) in a column level")
		}
		if len(i.Views) > 0 {
			of.say("- seen in the views %s", strings.Join(i.Views, ", "))
		}
		if i.Slices > 0 {
			of.say("- of a series of which %d slices are seen", i.Slices)
		}
		if known := stage.ParseCovariates(r.Fact(audit.CovariatesFact)).Words(); len(known) > 0 {
			of.say("- with what is known besides, in columns of a CSV file: %s; empty where it is not known", strings.Join(known, ", "))
		}
		var steps []string
		for _, step := range i.Steps {
			steps = append(steps, step.Name)
		}
		of.say("- steps: %s; they lead to %d×%d×%d (channels, height, width)", strings.Join(steps, ", "), i.Channels, i.Height, i.Width)
		of.say("- mean %s and standard deviation %s, of pixels from 0 to 1", decimals(i.Mean), decimals(i.Std))
	})
}

// each writes of all runs whose nets are asked; what is the same of several stands once.
func (c *cardText) each(write func(of *cardText, r packages.Run)) {
	var texts []string
	ids := map[string][]string{}
	for _, r := range c.asked {
		of := &cardText{}
		write(of, r)
		if text := of.String(); ids[text] == nil {
			texts = append(texts, text)
		}
		ids[of.String()] = append(ids[of.String()], r.ID)
	}
	for _, text := range texts {
		if len(texts) > 1 {
			c.say("\nOf %s:", strings.Join(ids[text], ", "))
		}
		c.WriteString(text)
	}
}

func decimals(list []float64) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprintf("%.4g", v))
	}
	return strings.Join(out, ", ")
}

func (c *cardText) data() {
	c.say("\n## What it was trained on")
	c.each(func(of *cardText, r packages.Run) {
		title := "Cases of each split and class:"
		if len(r.Nets) > 1 {
			title = fmt.Sprintf("Cases of each split and class, as the first of %d folds divides them; each holds out another part:", len(r.Nets))
		}
		of.table("\n"+title+"\n", r.Data.Splits)
		if t := r.Data.Pixels; t != nil {
			of.table("\n"+t.Title+":\n", t)
		}
	})
}

// table writes a table of Markdown.
func (c *cardText) table(title string, t *packages.Table) {
	if t == nil {
		return
	}
	if title != "" {
		c.say("%s", title)
	}
	c.row(t.Columns)
	c.row(slices.Repeat([]string{"---"}, len(t.Columns)))
	for _, row := range t.Rows {
		var cells []string
		for _, v := range row {
			text := fmt.Sprint(v)
			if f, ok := v.(float64); ok && f != math.Trunc(f) { // counts are as the database has them, too
				text = fmt.Sprintf("%.4g", f)
			} else if ok {
				text = fmt.Sprintf("%.0f", f)
			}
			cells = append(cells, text)
		}
		c.row(cells)
	}
}

func (c *cardText) row(cells []string) {
	escaped := make([]string, len(cells))
	for i, cell := range cells {
		escaped[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	c.say("| %s |", strings.Join(escaped, " | "))
}

// numbers shows the final numbers of the whole run; the manifest has those of folds, too.
func (c *cardText) numbers() {
	values := map[[2]string]packages.Number{}
	t := &packages.Table{Columns: []string{"number"}}
	var names, series []string
	for _, n := range c.m.Run.Numbers {
		if !slices.Contains(evaluate.FinalSeries, n.Series) {
			continue
		}
		if !slices.Contains(names, n.Name) {
			names = append(names, n.Name)
		}
		values[[2]string{n.Series, n.Name}] = n
	}
	for _, one := range evaluate.FinalSeries {
		if slices.ContainsFunc(names, func(name string) bool { return values[[2]string{one, name}].Value != nil }) {
			series = append(series, one)
		}
	}
	t.Columns = append(t.Columns, series...)
	for _, name := range names {
		row := []any{name}
		for _, one := range series {
			row = append(row, numberText(values[[2]string{one, name}]))
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return
	}
	c.say("\n## Numbers\n\nMeasured when it was made%s. A baseline guesses without seeing the image.\n", c.level())
	c.table("", t)
}

// level says what stands in brackets.
func (c *cardText) level() string {
	for _, n := range c.m.Run.Numbers {
		if n.Low != nil && n.High != nil {
			return fmt.Sprintf("; in brackets the %.4g %% interval", 100*n.Level)
		}
	}
	return ""
}

func numberText(n packages.Number) string {
	switch {
	case n.Value == nil:
		return "–"
	case n.Low == nil || n.High == nil:
		return fmt.Sprintf("%.4f", *n.Value)
	}
	return fmt.Sprintf("%.4f (%.4f to %.4f)", *n.Value, *n.Low, *n.High)
}

func (c *cardText) inside() {
	c.say(`
## What is in the file

- manifest.json: all of the above for programs, and a SHA-256 of every part
- experiment.yaml: every setting that the nets were made with
- weights/*.safetensors: the nets, with the names of torchvision; a safetensors file runs no code

Not in it: images, predictions, the names of cases and studies, paths.`)
	for _, setting := range c.m.Left {
		c.say("Left out of the experiment, or replaced by %q: %s", experiments.LeftOut, setting)
	}
	c.say("\nWritten by Vertebra %s, package version %d.", c.m.Program, packages.Version)
}
