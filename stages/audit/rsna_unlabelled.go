package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

func init() {
	addRule(Rule{ID: "row_without_series", Title: "row without a series of its type", Severity: warning, Do: drop, Unusable: true,
		Reason: "the study has no series of the type that shows the row's condition"})
	addRule(Rule{ID: "row_without_point", Title: "row without point", Severity: warning, Do: drop, Unusable: true,
		Reason: "data.source.rsna.coordinates has none of the row"})
}

// unlabelled says whether the part has no labels.
func (r RSNA) unlabelled() bool { return r.Part == "test" }

// Unlabelled says whether the source has no labels, so that its cases can be predicted and
// nothing else.
func (cfg Config) Unlabelled() bool {
	r, ok := cfg.Source.Part.(RSNA)
	return ok && r.unlabelled()
}

// refuseUnlabelled tells whoever wants labels that there are none.
func (cfg Config) refuseUnlabelled() error {
	if !cfg.Unlabelled() {
		return nil
	}
	return stage.Wrong{Path: "data.source.rsna.part", Err: stage.Fault{
		Err:  errors.New("the test part has no labels: there is nothing to train on and nothing to measure"),
		Hint: "runner predict RUN FILE predicts it; for all else write part: train",
	}}
}

// readUnlabelled makes a case of each condition and level of each study. Where there are
// points, it has its point; else it is seen on the series that shows its condition, as samples
// of series and studies are.
func (j *join) readUnlabelled(ctx context.Context) (Found, error) {
	t, err := j.reading(j.rsna.path("test_series_descriptions.csv"), typeColumns...)()
	if err != nil {
		return Found{}, err
	}
	j.readTypes(t)
	j.askRows()
	switch {
	case j.rsna.points() != "":
		if t, err = j.reading(j.rsna.points(), pointColumns...)(); err == nil {
			err = j.readPoints(ctx, t)
		}
	case !j.request.series:
		err = stage.Wrong{Path: "data.source.rsna.coordinates", Err: stage.Fault{
			Err:  errors.New("the test part tells no points, and a sample of the run is one, or lies around some"),
			Hint: "name a file of points that another program found, or predict with a run of data.sample: series or study",
		}}
	default:
		err = j.onSeries(ctx)
	}
	if err != nil {
		return Found{}, err
	}
	return j.finish(), nil
}

// askRows makes a row of each wanted condition and level of each described study, whose label
// is not known.
func (j *join) askRows() {
	j.labels = map[string]*label{}
	for _, s := range j.found.Described {
		for _, condition := range rsnaConditions {
			for _, level := range rsnaLevels {
				id := s.Study + "_" + condition + "_" + level
				if j.labels[id] != nil || !j.rsna.wanted(condition, level) {
					continue
				}
				if rule := j.request.Drops(s.Study, "", id); rule != "" {
					j.reports.add(rule, id, "")
					continue
				}
				j.labels[id] = &label{class: unlabelled, condition: condition, level: level, study: s.Study}
			}
		}
	}
}

// onSeries puts each row on the largest series of its study that shows its condition; where
// the sample is seen in views, on the largest of all where there is none.
func (j *join) onSeries(ctx context.Context) error {
	of := map[string][]Series{}
	for _, s := range j.found.Described {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		_, series, _ := strings.Cut(s.Key, "/")
		if !(coordinates{study: s.Study, series: series, instance: "1"}).named() {
			j.reports.add("unusable_id", s.Key, "")
			continue
		}
		for _, path := range files.Images(j.folder(s.Study, series)) {
			s.Files = append(s.Files, File{Path: path})
		}
		if len(s.Files) > 0 && (len(j.rsna.SeriesTypes) == 0 || slices.Contains(j.rsna.SeriesTypes, s.Type)) {
			of[s.Study] = append(of[s.Study], s)
		}
	}
	if len(of) == 0 {
		return stage.Wrong{Path: "data.source.rsna.root", Err: stage.Fault{
			Err:  fmt.Errorf("%s has no image of the series that test_series_descriptions.csv names", j.rsna.images()),
			Hint: "it is to hold <study>/<series>/<instance>.dcm",
		}}
	}
	for id, row := range j.labels {
		on, ok := largest(of[row.study], typeOf(row.condition))
		if !ok && j.request.views {
			on, ok = largest(of[row.study], "")
		}
		if row.used = true; !ok {
			j.reports.add("row_without_series", id, id+" needs "+typeOf(row.condition))
			continue
		}
		j.onMiddle(id, *row, on)
		if j.request.unpointed {
			j.alike(of[row.study], on)
		}
	}
	return nil
}

// alike uses all series of a study that show what one does: a point may lie on any of them.
func (j *join) alike(of []Series, one Series) {
	for _, s := range of {
		_, series, _ := strings.Cut(s.Key, "/")
		if seen := j.joined(coordinates{study: s.Study, series: series}); s.Type == one.Type && !seen.used {
			seen.used, seen.folder = true, j.folder(s.Study, series)
		}
	}
}

// onMiddle makes the case of a row whose place on a series nobody tells.
func (j *join) onMiddle(id string, row label, on Series) {
	_, series, _ := strings.Cut(on.Key, "/")
	c := coordinates{study: row.study, series: series, condition: row.condition, level: row.level}
	seen := j.joined(c)
	j.keep(c, seen, stage.Case{ID: id, Group: row.study, Label: unlabelled})
	one := &j.found.Cases[len(j.found.Cases)-1]
	one.Image = on.Files[len(on.Files)/2].Path
}

// onReadable puts cases that stand for a series, of which a point lies anywhere, on a slice that can
// be read: the one that is nearest to theirs.
func (f *Found) onReadable(heads headers.ByPath) {
	broken := func(path string) bool { h := heads[path]; return h != nil && h.Err != "" }
	for i, c := range f.Cases {
		if !broken(c.Image) {
			continue
		}
		files := f.Series[c.Series].Files
		own := slices.IndexFunc(files, func(file File) bool { return file.Path == c.Image })
		best := -1
		for at, file := range files {
			if !broken(file.Path) && (best < 0 || abs(at-own) < abs(best-own)) {
				best = at
			}
		}
		if best >= 0 {
			f.Cases[i].Image = files[best].Path
		}
	}
}

func abs(n int) int { return max(n, -n) }

// typeOf is the type of series that shows a condition.
func typeOf(condition string) string {
	switch {
	case strings.Contains(condition, "foraminal"):
		return rsnaTypes[0]
	case strings.Contains(condition, "subarticular"):
		return rsnaTypes[2]
	}
	return rsnaTypes[1]
}

// largest is the series of a type with most files, of equals the first; of all where kind is
// empty.
func largest(list []Series, kind string) (best Series, ok bool) {
	for _, s := range list {
		if (kind == "" || s.Type == kind) && len(s.Files) > len(best.Files) {
			best, ok = s, true
		}
	}
	return best, ok
}
