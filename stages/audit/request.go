package audit

import (
	"fmt"
	"os"
	"sort"

	"vertebra/stages/stage"
)

// Request is what the experiment asks to leave out. A source asks it about every
// row that it reads, so that what was asked for is never reported as a defect.
type Request struct {
	studies, series, rows wishes
}

// wishes count how often each id was met.
type wishes map[string]int

func newRequest(d Drop) (*Request, error) {
	r := &Request{wishes{}, wishes{}, wishes{}}
	r.studies.add(d.Studies)
	r.series.add(d.Series)
	r.rows.add(d.Rows)
	if d.RowsFile != "" {
		more, err := rowIDs(string(d.RowsFile))
		if err != nil {
			return nil, stage.Fault{Err: fmt.Errorf("data.drop.rows_file: %w", err), Hint: "it is a CSV file whose first column holds row ids: <study>_<condition>_<level>"}
		}
		r.rows.add(more)
	}
	return r, nil
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
// series is "" for a row that names none.
func (r *Request) Drops(study, series, row string) string {
	byStudy, bySeries, byRow := r.studies.met(study), r.series.met(series), r.rows.met(row)
	switch {
	case byStudy:
		return "study dropped on request"
	case bySeries:
		return "series dropped on request"
	case byRow:
		return "row dropped on request"
	}
	return ""
}

// idle lists wishes that met nothing: settings without effect.
func (r *Request) idle() []stage.Record {
	var out []stage.Record
	for _, k := range []struct {
		name string
		ids  wishes
	}{{"studies", r.studies}, {"series", r.series}, {"rows", r.rows}} {
		var unmet []string
		for id, met := range k.ids {
			if met == 0 {
				unmet = append(unmet, id)
			}
		}
		sort.Strings(unmet)
		if len(unmet) > 0 {
			out = append(out, stage.Event{Level: "warning", Stage: "audit", Text: fmt.Sprintf(
				"data.drop.%s: %d ids have no effect, nothing in the tables has them: %s", k.name, len(unmet), examples(unmet))})
		}
	}
	return out
}

// rowIDs reads the first column of a CSV file.
func rowIDs(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := parseTable(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	ids := make([]string, len(t.rows))
	for i, row := range t.rows {
		ids[i] = row[t.columns[0]]
	}
	return ids, nil
}
