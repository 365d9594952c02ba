package audit

import (
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

func TestRunDropsOnRequest(t *testing.T) {
	t.Parallel()
	dir := sharedFolder(t)
	all, err := Run(t.Context(), environment(&keeper{}), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	empty, first, last := shared.planted.Study, all.Cases[0], all.Cases[len(all.Cases)-1]
	file := filepath.Join(t.TempDir(), "rows.csv")
	write(t, file, "row_id,why\n"+last.ID+",blurred\nnobody_knows,\n")
	_, series, _ := strings.Cut(first.Series, "/")
	cfg := config(dir)
	cfg.Drop = Wanted{Studies: []string{empty, "404"}, Series: []string{series}, RowsFile: registry.Path(file)}
	kept := &keeper{}
	got, err := Run(t.Context(), environment(kept), cfg)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, d := range got.Dropped {
		counts[d.Rule] = len(d.IDs)
	}
	onSeries := 0
	for _, c := range all.Cases {
		if c.Series == first.Series {
			onSeries++
		}
	}
	// The study without coordinates has labels, so dropping it has an effect:
	// they are no longer labels without points.
	want := map[string]int{"study dropped on request": 25, "series dropped on request": onSeries, "row dropped on request": 1}
	for rule, n := range want {
		if counts[rule] != n {
			t.Errorf("%s: got %d rows, want %d", rule, counts[rule], n)
		}
	}
	if len(counts) != 3 || len(got.Cases) != len(all.Cases)-onSeries-1 {
		t.Errorf("got %v and %d cases, want three rules and %d", counts, len(got.Cases), len(all.Cases)-onSeries-1)
	}
	for _, text := range []string{"data.drop.studies: nothing in the tables has the id 404", "data.drop.rows: nothing in the tables has the id nobody_knows"} {
		if !kept.says("warning", text) {
			t.Errorf("no warning: %s", text)
		}
	}
	if kept.says("warning", "data.drop.series") {
		t.Error("got a warning of a series that was dropped")
	}
}

func TestRowsFileIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := newRequest(Wanted{RowsFile: "none.csv"}, Wanted{})
	if err == nil || !strings.Contains(err.Error(), "data.drop.rows_file: none.csv is not there") {
		t.Errorf("got %v, want an error that names setting and file", err)
	}
}
