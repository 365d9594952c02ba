package audit

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// join puts the three tables together by key. Rows that cannot be joined are
// dropped, each under the first rule that it breaks.
type join struct {
	rsna    RSNA
	request *Request
	load    loader
	types   map[string]string // <study>/<series> -> description
	labels  map[string]int    // row id -> class
	cases   map[string]stage.Case
	series  map[string]Series
	reports reports
	found   Found
}

// normal brings the two tables' spellings together: "L1/L2" is "l1_l2".
func normal(s string) string { return separators.Replace(strings.ToLower(strings.TrimSpace(s))) }

var separators = strings.NewReplacer(" ", "_", "/", "_")

// number cleans an id that a table program made into a decimal: "8.0" is "8".
func number(id string) string { return strings.TrimSuffix(id, ".0") }

func newJoin(r RSNA, request *Request, load loader) *join {
	return &join{
		rsna: r, request: request, load: load, labels: map[string]int{}, cases: map[string]stage.Case{}, series: map[string]Series{},
		found: Found{Labelled: map[string]int{}, Pointed: map[string]bool{}, Canals: map[string]int{}},
	}
}

func (j *join) readTypes() error {
	t, err := readTable(j.load, j.rsna.path("train_series_descriptions.csv"), "study_id", "series_id", "series_description")
	if err != nil {
		return err
	}
	j.types = map[string]string{}
	for _, row := range t.rows {
		study, series := number(row["study_id"]), number(row["series_id"])
		key := study + "/" + series
		if _, twice := j.types[key]; !twice && j.request.Drops(study, series, "") == "" {
			j.found.Described = append(j.found.Described, Series{Key: key, Study: study, Type: row["series_description"]})
		}
		j.types[key] = row["series_description"]
	}
	slices.SortFunc(j.found.Described, func(a, b Series) int { return strings.Compare(a.Key, b.Key) })
	return nil
}

// column is a column of train.csv that holds labels.
type column struct{ name, condition, level string }

// readLabels melts the wide table of severities.
func (j *join) readLabels() error {
	path := j.rsna.path("train.csv")
	t, err := readTable(j.load, path, "study_id")
	if err != nil {
		return err
	}
	columns, err := j.columns(path, t)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, row := range t.rows {
		study := number(row["study_id"])
		for _, c := range columns {
			j.label(study, study+"_"+c.condition+"_"+c.level, row[c.name], seen[study])
		}
		seen[study] = true
	}
	return nil
}

// columns finds the wanted labels' columns, however they are spelt.
func (j *join) columns(path string, t table) ([]column, error) {
	names := map[string]string{}
	for _, name := range t.columns {
		names[normal(name)] = name
	}
	delete(names, "study_id")
	var found []column
	var missing []string
	for _, condition := range rsnaConditions {
		for _, level := range rsnaLevels {
			name, ok := names[condition+"_"+level]
			delete(names, condition+"_"+level)
			switch {
			case !j.rsna.wanted(condition, level):
			case ok:
				found = append(found, column{name, condition, level})
			default:
				missing = append(missing, condition+"_"+level)
			}
		}
	}
	for _, name := range names {
		j.reports.add("unknown_column", name, "")
	}
	return found, t.require(path, missing)
}

// label keeps the class of a cell.
func (j *join) label(study, id, cell string, twice bool) {
	if rule := j.request.Drops(study, "", id); rule != "" {
		j.reports.add(rule, id, "")
		return
	}
	class := slices.Index(rsnaClasses, normal(cell))
	switch {
	case twice:
		j.reports.again("duplicate_study", id, "")
	case cell == "":
		j.reports.add("empty_label", id, "")
	case class < 0:
		j.reports.add("unknown_label", id, strconv.Quote(cell)+" is none of Normal/Mild, Moderate, Severe")
	default:
		j.labels[id] = class
		j.found.Labelled[study]++
	}
}

func (j *join) readPoints(ctx context.Context) error {
	t, err := readTable(j.load, j.rsna.path("train_label_coordinates.csv"), "study_id", "series_id", "instance_number", "condition", "level", "x", "y")
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		if i%1000 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		j.point(coordinates{
			study: number(row["study_id"]), series: number(row["series_id"]), instance: number(row["instance_number"]),
			condition: normal(row["condition"]), level: normal(row["level"]), x: row["x"], y: row["y"],
		})
	}
	return nil
}

// coordinates is a row of train_label_coordinates.csv.
type coordinates struct{ study, series, instance, condition, level, x, y string }

func (c coordinates) id() string { return c.study + "_" + c.condition + "_" + c.level }

// named says whether study, series and instance can name a file.
func (c coordinates) named() bool {
	for _, part := range []string{c.study, c.series, c.instance} {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, `/\`) {
			return false
		}
	}
	return true
}

// notePoint remembers for the rules which studies and series have points.
func (j *join) notePoint(c coordinates) {
	key := c.study + "/" + c.series
	j.found.Pointed[c.study], j.found.Pointed[key] = true, true
	if c.condition == rsnaConditions[0] {
		j.found.Canals[key]++
	}
}

// point makes a case of a row of coordinates, or drops it.
func (j *join) point(c coordinates) {
	id, kind := c.id(), j.types[c.study+"/"+c.series]
	if rule := j.request.Drops(c.study, c.series, id); rule != "" {
		j.reports.add(rule, id, "")
		return
	}
	j.notePoint(c)
	x, errX := strconv.ParseFloat(c.x, 64)
	y, errY := strconv.ParseFloat(c.y, 64)
	label, labelled := j.labels[id]
	_, twice := j.cases[id]
	switch {
	case !slices.Contains(rsnaConditions, c.condition) || !slices.Contains(rsnaLevels, c.level):
		j.reports.add("unknown_condition", id, "")
	case !j.rsna.wanted(c.condition, c.level):
	case len(j.rsna.SeriesTypes) > 0 && !slices.Contains(j.rsna.SeriesTypes, kind):
		j.reports.chosen(id)
	case errX != nil || errY != nil || math.IsNaN(x+y) || math.IsInf(x+y, 0):
		j.reports.add("unreadable_point", id, fmt.Sprintf("x is %q, y is %q", c.x, c.y))
	case !c.named():
		j.reports.add("unusable_id", id, "")
	case !labelled:
		j.reports.add("point_without_label", id, "")
	case twice:
		j.reports.again("duplicate_point", id, "")
	default:
		j.keep(c, kind, stage.Case{ID: id, Group: c.study, Label: label, Point: &stage.Point{X: x, Y: y}})
	}
}

func (j *join) keep(c coordinates, kind string, one stage.Case) {
	one.Series = c.study + "/" + c.series
	if _, seen := j.series[one.Series]; !seen {
		j.series[one.Series] = listSeries(j.rsna.path("train_images"), one.Series, c.study, kind)
	}
	one.Image = filepath.Join(j.rsna.path("train_images"), c.study, c.series, c.instance+".dcm")
	one.Tags = map[string]string{
		"condition": c.condition, "level": c.level, "side": side(c.condition), "series_type": kind, "instance": c.instance,
	}
	j.cases[one.ID] = one
}

// read reads the tables in the order in which they need each other.
func (j *join) read(ctx context.Context) (Found, error) {
	if err := j.readTypes(); err != nil {
		return Found{}, err
	}
	if err := j.readLabels(); err != nil {
		return Found{}, err
	}
	if err := j.readPoints(ctx); err != nil {
		return Found{}, err
	}
	return j.finish(), nil
}

// finish names labels that were left without a point.
func (j *join) finish() Found {
	f := j.found
	f.Root, f.Classes, f.Series = string(j.rsna.Root), slices.Clone(rsnaClasses), j.series
	for id := range j.labels {
		if one, ok := j.cases[id]; ok {
			f.Cases = append(f.Cases, one)
			continue
		}
		j.reports.add("label_without_point", id, "")
	}
	f.reports = j.reports
	return f
}

func side(condition string) string {
	for _, s := range []string{"left", "right"} {
		if strings.HasPrefix(condition, s+"_") {
			return s
		}
	}
	return ""
}
