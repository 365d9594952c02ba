package audit

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// join puts the three tables together by key. Rows that cannot be joined are
// dropped, each under the first rule that it breaks.
type join struct {
	rsna    RSNA
	request *Request
	load    loader
	words   map[string]string // cells that normal has seen
	types   map[string]string // <study>/<series> -> description
	labels  map[string]*label // by row id
	series  map[seriesID]*joined
	tags    map[tagged]map[string]string
	reports reports
	found   Found
}

// seriesID names a series as the tables do.
type seriesID struct{ study, series string }

// joined is a series that points lie on.
type joined struct {
	Series
	canals int  // points of the canal
	used   bool // by a case
}

// tagged is all that the tags of a case follow from.
type tagged struct{ condition, level, kind, instance string }

// normal brings the two tables' spellings together: "L1/L2" is "l1_l2".
func normal(s string) string { return separators.Replace(strings.ToLower(strings.TrimSpace(s))) }

var separators = strings.NewReplacer(" ", "_", "/", "_")

// normal remembers: the same few words fill the tables.
func (j *join) normal(s string) string {
	word, known := j.words[s]
	if !known {
		word = normal(s)
		j.words[s] = word
	}
	return word
}

func newJoin(r RSNA, request *Request, load loader) *join {
	return &join{
		rsna: r, request: request, load: load,
		words: map[string]string{}, types: map[string]string{}, series: map[seriesID]*joined{}, tags: map[tagged]map[string]string{},
		found: Found{groups: "studies", Labelled: map[string]int{}, Pointed: map[string]bool{}, Canals: map[string]int{}, Series: map[string]Series{}},
	}
}

func (j *join) readTypes(t table.Sheet) {
	for _, row := range t.Rows {
		study, series, kind := table.Number(row.Cell("study_id")), table.Number(row.Cell("series_id")), row.Cell("series_description")
		key := study + "/" + series
		if _, twice := j.types[key]; !twice && j.request.Drops(study, series, "") == "" {
			j.found.Described = append(j.found.Described, Series{Key: key, Study: study, Type: kind})
		}
		j.types[key] = kind
	}
	slices.SortFunc(j.found.Described, func(a, b Series) int { return strings.Compare(a.Key, b.Key) })
}

func (j *join) readPoints(ctx context.Context, t table.Sheet) error {
	for i, row := range t.Rows {
		if i%1000 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		j.point(coordinates{
			study: table.Number(row.Cell("study_id")), series: table.Number(row.Cell("series_id")), instance: table.Number(row.Cell("instance_number")),
			condition: j.normal(row.Cell("condition")), level: j.normal(row.Cell("level")), x: row.Cell("x"), y: row.Cell("y"),
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

// joined gives the series of a point, and remembers for the rules that it has one.
func (j *join) joined(c coordinates) *joined {
	id := seriesID{c.study, c.series}
	s := j.series[id]
	if s == nil {
		key := c.study + "/" + c.series
		s = &joined{Series: Series{Key: key, Study: c.study, Type: j.types[key]}}
		j.series[id] = s
	}
	return s
}

// point makes a case of a row of coordinates, or drops it.
func (j *join) point(c coordinates) {
	id := c.id()
	if rule := j.request.Drops(c.study, c.series, id); rule != "" {
		j.reports.add(rule, id, "")
		return
	}
	on := j.joined(c)
	if c.condition == rsnaConditions[0] {
		on.canals++
	}
	x, errX := strconv.ParseFloat(c.x, 64)
	y, errY := strconv.ParseFloat(c.y, 64)
	label := j.labels[id]
	switch {
	case !slices.Contains(rsnaConditions, c.condition) || !slices.Contains(rsnaLevels, c.level):
		j.reports.add("unknown_condition", id, "")
	case !j.rsna.wanted(c.condition, c.level):
	case len(j.rsna.SeriesTypes) > 0 && !slices.Contains(j.rsna.SeriesTypes, on.Type):
		j.reports.chosen(id)
	case errX != nil || errY != nil || math.IsNaN(x+y) || math.IsInf(x+y, 0):
		j.reports.add("unreadable_point", id, fmt.Sprintf("x is %q, y is %q", c.x, c.y))
	case !c.named():
		j.reports.add("unusable_id", id, "")
	case label == nil && j.rsna.unlabelled(): // of a study that is not of the part
	case label == nil:
		j.reports.add("point_without_label", id, "")
	case label.used:
		j.reports.again("duplicate_point", id, "")
	default:
		label.used = true
		j.keep(c, on, stage.Case{ID: id, Group: on.Study, Label: label.class, Point: &stage.Point{X: x, Y: y}})
	}
}

func (j *join) keep(c coordinates, on *joined, one stage.Case) {
	if !on.used {
		on.used, on.folder = true, j.folder(c.study, c.series)
	}
	one.Series, one.Image = on.Key, on.folder+string(filepath.Separator)+c.instance+".dcm"
	one.Tags = j.tagsOf(tagged{c.condition, c.level, on.Type, c.instance})
	j.found.Cases = append(j.found.Cases, one)
}

// folder is where the images of a series lie.
func (j *join) folder(study, series string) string {
	return filepath.Join(j.rsna.images(), study, series)
}

// tagsOf gives equal tags once: cases share them.
func (j *join) tagsOf(t tagged) map[string]string {
	tags := j.tags[t]
	if tags == nil {
		tags = map[string]string{"condition": t.condition, "level": t.level, "side": side(t.condition), "series_type": t.kind, "instance": t.instance}
		j.tags[t] = tags
	}
	return tags
}

// read reads the tables at once, and joins them in the order in which they need each
// other.
func (j *join) read(ctx context.Context) (Found, error) {
	types := j.reading(j.rsna.path("train_series_descriptions.csv"), typeColumns...)
	labels := j.reading(j.rsna.path("train.csv"), "study_id")
	points := j.reading(j.rsna.points(), pointColumns...)
	t, err := types()
	if err != nil {
		return Found{}, err
	}
	j.readTypes(t)
	if t, err = labels(); err == nil {
		err = j.readLabels(t)
	}
	if err != nil {
		return Found{}, err
	}
	if t, err = points(); err == nil {
		err = j.readPoints(ctx, t)
	}
	if err != nil {
		return Found{}, err
	}
	return j.finish(), nil
}

var (
	typeColumns  = []string{"study_id", "series_id", "series_description"}
	pointColumns = []string{"study_id", "series_id", "instance_number", "condition", "level", "x", "y"}
)

// reading begins to read a table; what it gives waits for the end of that.
func (j *join) reading(path string, want ...string) func() (table.Sheet, error) {
	read := sync.OnceValues(func() (table.Sheet, error) { return readTable(j.load, path, want...) })
	go func() { _, _ = read() }()
	return read
}

// finish names labels that were left without a point.
func (j *join) finish() Found {
	f := j.found
	f.Root, f.Classes = string(j.rsna.Root), slices.Clone(rsnaClasses)
	without := "label_without_point"
	if j.rsna.unlabelled() {
		without = "row_without_point"
	}
	for id, label := range j.labels {
		if !label.used {
			j.reports.add(without, id, "")
		}
	}
	for _, s := range j.series {
		f.Pointed[s.Study], f.Pointed[s.Key] = true, true
		if s.canals > 0 {
			f.Canals[s.Key] = s.canals
		}
		if s.used {
			f.Series[s.Key] = s.Series
		}
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
