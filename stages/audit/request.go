package audit

import (
	"fmt"
	"os"
	"sort"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// Request is what the experiment asks to leave out, or alone to keep. A source
// asks it about every row that it reads, so that what was asked for is never
// reported as a defect.
type Request struct {
	drop, keep wishList
	columns    []wantedColumn                  // that splits and targets look at
	fixed      bool                            // the split is one that is fixed
	views      bool                            // data.views names what a sample is seen in
	series     bool                            // samples are series or studies, also of a source that names none
	unpointed  bool                            // points are yet to be found
	known      bool                            // nets know the classes, of which not all need occur
	order      func(classes []string) []string // puts classes that occur into the order that data.target_classes says; nil where it says none
}

// wantedColumn is a column and the setting that names it.
type wantedColumn struct {
	path, name string
	optional   bool
}

// wishList are the ids of one setting.
type wishList struct{ studies, series, rows wishes }

// wishes count how often each id was met.
type wishes map[string]int

func newRequest(drop, keep Wanted) (*Request, error) {
	r := &Request{}
	var err error
	if r.drop, err = newWishList("data.drop", drop); err != nil {
		return nil, err
	}
	r.keep, err = newWishList("data.keep", keep)
	return r, err
}

func newWishList(setting string, w Wanted) (wishList, error) {
	l := wishList{wishes{}, wishes{}, wishes{}}
	l.studies.add(w.Studies)
	l.series.add(w.Series)
	l.rows.add(w.Rows)
	if w.RowsFile == "" {
		return l, nil
	}
	data, err := os.ReadFile(string(w.RowsFile))
	if err == nil {
		err = l.read(data)
	}
	if err != nil {
		return l, stage.Wrong{Path: setting + ".rows_file", Err: stage.Fault{
			Err:  files.NotThere(string(w.RowsFile), err),
			Hint: "it is a CSV file with columns study_id, series_id or row_id, or whose first column holds row ids: <study>_<condition>_<level>",
		}}
	}
	return l, nil
}

// read takes the ids of a CSV file.
func (l wishList) read(data []byte) error {
	t, err := table.Parse(data)
	if err != nil {
		return err
	}
	columns := map[string]wishes{}
	for name, to := range map[string]wishes{"study_id": l.studies, "series_id": l.series, "row_id": l.rows} {
		if t.Has(name) {
			columns[name] = to
		}
	}
	if len(columns) == 0 {
		columns[t.Columns[0]] = l.rows
	}
	for _, row := range t.Rows {
		for name, to := range columns {
			if id := table.Number(row.Cell(name)); id != "" {
				to.add([]string{id})
			}
		}
	}
	return nil
}

func (w wishes) add(ids []string) {
	for _, id := range ids {
		w[id] = 0
	}
}

func (w wishes) met(id string) bool {
	if _, wished := w[id]; !wished {
		return false
	}
	w[id]++
	return true
}

// Drops gives the rule by which a row is to be left out, "" when it is not.
// series and row are "" where they are not told; a series or row that is not
// told is not missed on a list of what to keep.
func (r *Request) Drops(study, series, row string) (rule string) {
	for _, k := range []struct {
		id         string
		drop, keep wishes
		rule       string
	}{
		{study, r.drop.studies, r.keep.studies, "study_dropped_on_request"},
		{series, r.drop.series, r.keep.series, "series_dropped_on_request"},
		{row, r.drop.rows, r.keep.rows, "row_dropped_on_request"},
	} {
		dropped, kept := k.drop.met(k.id), k.keep.met(k.id)
		if rule == "" && (dropped || len(k.keep) > 0 && !kept && k.id != "") {
			rule = k.rule // all are asked, so that each counts as met
		}
	}
	return rule
}

// DropsSample is Drops of a row of several labels, of which a list of what to keep may name
// some.
func (r *Request) DropsSample(study, series, sample string) (rule string) {
	rule = r.Drops(study, series, "")
	if r.drop.rows.met(sample) && rule == "" {
		rule = "row_dropped_on_request"
	}
	return rule
}

// DropsLabel says whether a label is to be left out, which lists name by its own id or by
// that of its sample; sample is "" where the label is one by itself.
func (r *Request) DropsLabel(sample, id string) bool {
	if sample == "" {
		return r.Drops("", "", id) != ""
	}
	dropped, kept := r.drop.rows.met(id), r.keep.rows.met(id)
	kept = r.keep.rows.met(sample) || kept
	return dropped || len(r.keep.rows) > 0 && !kept
}

// idle lists wishes that met nothing: settings without effect.
func (r *Request) idle() (out []string) {
	for _, k := range []struct {
		name string
		ids  wishes
	}{
		{"drop.studies", r.drop.studies}, {"drop.series", r.drop.series}, {"drop.rows", r.drop.rows},
		{"keep.studies", r.keep.studies}, {"keep.series", r.keep.series}, {"keep.rows", r.keep.rows},
	} {
		var unmet []string
		for id, met := range k.ids {
			if met == 0 {
				unmet = append(unmet, id)
			}
		}
		sort.Strings(unmet)
		if len(unmet) > 0 {
			out = append(out, fmt.Sprintf("data.%s: nothing in the tables has the id %s: no effect", k.name, examples(unmet)))
		}
	}
	return out
}
