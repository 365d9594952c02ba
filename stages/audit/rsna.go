package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Sources.Add("rsna", "RSNA 2024 lumbar spine collection, or a data set of the same layout", RSNA{})
}

// RSNA reads train.csv, train_label_coordinates.csv and
// train_series_descriptions.csv, and joins them by study, condition and level.
type RSNA struct {
	Root       registry.Path `help:"folder that holds train.csv and train_images" required:"true"`
	Conditions []string      `help:"only these, such as spinal_canal_stenosis; all when empty"`
	Levels     []string      `help:"only these, such as l4_l5; all when empty"`
}

var (
	rsnaClasses    = []string{"normal_mild", "moderate", "severe"}
	rsnaConditions = []string{
		"spinal_canal_stenosis", "left_neural_foraminal_narrowing", "right_neural_foraminal_narrowing",
		"left_subarticular_stenosis", "right_subarticular_stenosis",
	}
	rsnaLevels = []string{"l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1"}
)

// Validate knows the legal words.
func (r RSNA) Validate() error {
	for _, c := range r.Conditions {
		if !contains(rsnaConditions, c) {
			return fmt.Errorf("there is no condition %q; have %s", c, strings.Join(rsnaConditions, ", "))
		}
	}
	for _, l := range r.Levels {
		if !contains(rsnaLevels, l) {
			return fmt.Errorf("there is no level %q; have %s", l, strings.Join(rsnaLevels, ", "))
		}
	}
	return nil
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// Read joins the tables.
func (r RSNA) Read(ctx context.Context) (Found, error) {
	if _, err := os.Stat(string(r.Root)); err != nil {
		return Found{}, stage.Fault{Err: fmt.Errorf("data.source.rsna.root: %w", err), Hint: "set it to the folder that holds train.csv, or make a synthetic one: runner data synth " + string(r.Root)}
	}
	j := &join{rsna: r, labels: map[string]int{}, rows: map[string]bool{}, dropped: map[string]*Dropped{}}
	types, err := j.seriesTypes()
	if err != nil {
		return Found{}, err
	}
	if err := j.readLabels(); err != nil {
		return Found{}, err
	}
	cases, series, err := j.readPoints(ctx, types)
	if err != nil {
		return Found{}, err
	}
	for id := range j.labels {
		if !j.rows[id] {
			j.drop("label without point", "the row has a severity but no coordinates", id)
		}
	}
	return Found{Classes: rsnaClasses, Cases: cases, Series: series, Dropped: j.sorted()}, nil
}

// join is the tables being joined.
type join struct {
	rsna    RSNA
	labels  map[string]int  // row id -> class
	rows    map[string]bool // row ids that have a point
	dropped map[string]*Dropped
}

func (j *join) drop(rule, reason, id string) {
	d := j.dropped[rule]
	if d == nil {
		d = &Dropped{Rule: rule, Done: "dropped", Reason: reason}
		j.dropped[rule] = d
	}
	d.IDs = append(d.IDs, id)
}

func (j *join) sorted() []Dropped {
	var out []Dropped
	for _, d := range j.dropped {
		sort.Strings(d.IDs)
		out = append(out, *d)
	}
	sort.Slice(out, func(a, b int) bool { return out[a].Rule < out[b].Rule })
	return out
}

func (j *join) path(name string) string { return filepath.Join(string(j.rsna.Root), name) }

// wanted applies the filters of the experiment.
func (j *join) wanted(condition, level string) bool {
	r := j.rsna
	return (len(r.Conditions) == 0 || contains(r.Conditions, condition)) && (len(r.Levels) == 0 || contains(r.Levels, level))
}

// seriesTypes maps <study>/<series> to its description.
func (j *join) seriesTypes() (map[string]string, error) {
	t, err := readTable(j.path("train_series_descriptions.csv"), "study_id", "series_id", "series_description")
	if err != nil {
		return nil, err
	}
	types := map[string]string{}
	for _, row := range t.rows {
		types[row["study_id"]+"/"+row["series_id"]] = row["series_description"]
	}
	return types, nil
}

// readLabels melts the wide table of severities.
func (j *join) readLabels() error {
	t, err := readTable(j.path("train.csv"), "study_id")
	if err != nil {
		return err
	}
	for _, row := range t.rows {
		for _, condition := range rsnaConditions {
			for _, level := range rsnaLevels {
				column := condition + "_" + level
				cell, ok := row[column]
				if ok && j.wanted(condition, level) {
					j.label(row["study_id"]+"_"+column, cell)
				}
			}
		}
	}
	return nil
}

func (j *join) label(id, cell string) {
	severity := normal(cell)
	if severity == "" {
		j.drop("empty label", "the severity is empty in train.csv", id)
		return
	}
	for class, name := range rsnaClasses {
		if name == severity {
			if _, twice := j.labels[id]; twice {
				j.drop("duplicate row", "train.csv holds the study twice; the first counts", id)
				return
			}
			j.labels[id] = class
			return
		}
	}
	j.drop("unknown label", "the severity is none of Normal/Mild, Moderate, Severe", id)
}

// normal brings the two tables' spellings together: "L1/L2" is "l1_l2".
func normal(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	return strings.NewReplacer(" ", "_", "/", "_").Replace(s)
}

func (j *join) readPoints(ctx context.Context, types map[string]string) ([]stage.Case, map[string]Series, error) {
	t, err := readTable(j.path("train_label_coordinates.csv"), "study_id", "series_id", "instance_number", "condition", "level", "x", "y")
	if err != nil {
		return nil, nil, err
	}
	var cases []stage.Case
	series := map[string]Series{}
	for i, row := range t.rows {
		if i%1000 == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		c, ok := j.point(row, types)
		if !ok {
			continue
		}
		if _, seen := series[c.Series]; !seen {
			series[c.Series] = listSeries(j.path("train_images"), c.Series, row["study_id"], types[c.Series])
		}
		cases = append(cases, c)
	}
	return cases, series, nil
}

// point makes a case of a row of coordinates, or drops it with a reason.
func (j *join) point(row map[string]string, types map[string]string) (stage.Case, bool) {
	condition, level := normal(row["condition"]), normal(row["level"])
	id := row["study_id"] + "_" + condition + "_" + level
	if !contains(rsnaConditions, condition) || !contains(rsnaLevels, level) {
		j.drop("unknown condition or level", "train_label_coordinates.csv names a condition or level that train.csv does not have", id)
		return stage.Case{}, false
	}
	if !j.wanted(condition, level) {
		return stage.Case{}, false
	}
	x, errX := strconv.ParseFloat(row["x"], 64)
	y, errY := strconv.ParseFloat(row["y"], 64)
	label, labelled := j.labels[id]
	switch {
	case errX != nil || errY != nil:
		j.drop("unreadable point", "x or y is no number", id)
		return stage.Case{}, false
	case !labelled:
		if !j.emptyLabel(id) {
			j.drop("point without label", "the row has coordinates but no severity", id)
		}
		return stage.Case{}, false
	case j.rows[id]:
		j.drop("duplicate point", "a second point of the same study, condition and level; the first counts", id)
		return stage.Case{}, false
	}
	j.rows[id] = true
	key := row["study_id"] + "/" + row["series_id"]
	return stage.Case{
		ID: id, Group: row["study_id"], Series: key, Label: label, Point: &stage.Point{X: x, Y: y},
		Image: filepath.Join(j.path("train_images"), row["study_id"], row["series_id"], row["instance_number"]+".dcm"),
		Tags:  map[string]string{"condition": condition, "level": level, "side": side(condition), "series_type": types[key], "instance": row["instance_number"]},
	}, true
}

func (j *join) emptyLabel(id string) bool {
	d := j.dropped["empty label"]
	return d != nil && contains(d.IDs, id)
}

func side(condition string) string {
	for _, s := range []string{"left", "right"} {
		if strings.HasPrefix(condition, s+"_") {
			return s
		}
	}
	return ""
}

// listSeries finds a series' files: the name is the instance number.
func listSeries(root, key, study, kind string) Series {
	s := Series{Key: key, Study: study, Type: kind}
	folder := filepath.Join(root, filepath.FromSlash(key))
	entries, _ := os.ReadDir(folder) // a folder that is not there leaves cases without image
	for _, e := range entries {
		name, isDICOM := strings.CutSuffix(e.Name(), ".dcm")
		if n, err := strconv.Atoi(name); err == nil && isDICOM {
			s.Files = append(s.Files, File{Path: filepath.Join(folder, e.Name()), Instance: n})
		}
	}
	sort.Slice(s.Files, func(i, j int) bool { return s.Files[i].Instance < s.Files[j].Instance })
	return s
}
