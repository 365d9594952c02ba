package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

// TestFindings: a cell that lists findings says yes to them and no to all others; an empty
// one says nothing.
func TestFindings(t *testing.T) {
	t.Parallel()
	const text = "image,Finding Labels\na.png,Edema|Mass\nb.png,No Finding\nc.png,\nd.png,Mass | Nodule\n"
	for name, c := range map[string]struct {
		findings, classes, want []string
	}{
		"all": {nil, nil, []string{
			"a.png Edema yes", "a.png Mass yes", "a.png No Finding no", "a.png Nodule no", "b.png Edema no", "b.png Mass no", "b.png No Finding yes", "b.png Nodule no",
			"d.png Edema no", "d.png Mass yes", "d.png No Finding no", "d.png Nodule yes"}},
		"some": {[]string{"Mass", "Edema"}, []string{"absent", "present"}, []string{
			"a.png Edema present", "a.png Mass present", "b.png Edema absent", "b.png Mass absent", "d.png Edema absent", "d.png Mass present"}},
	} {
		cfg := tableOf(t, text, "Finding Labels")
		table := cfg.Source.Part.(Table)
		table.Separator, table.Findings, table.Classes, table.Tags = "|", c.findings, c.classes, nil
		cfg.Source = registry.One[Source]{Name: "table", Part: table}
		got, err := readCases(t, cfg)
		if err != nil {
			t.Fatal(name, err)
		}
		if lines := slices.Sorted(slices.Values(said(got))); !slices.Equal(lines, c.want) {
			t.Errorf("%s: got %q, want %q", name, lines, c.want)
		}
		at := slices.IndexFunc(got.Dropped, func(f Finding) bool { return f.ID == "empty_label" })
		if at < 0 || got.Dropped[at].Severity != info || len(got.Dropped[at].IDs) != len(got.Targets) {
			t.Errorf("%s: got %+v, want the answers of c.png, as worth knowing", name, got.Dropped)
		}
	}
}

func TestFindingsMistakes(t *testing.T) {
	t.Parallel()
	table := Table{File: "x.csv", Image: "image", Labels: []string{"label"}}
	two, three, without := table, table, table
	two.Labels, two.Separator = []string{"a", "b"}, "|"
	three.Classes, three.Separator = []string{"a", "b", "c"}, "|"
	without.Findings = []string{"Mass"}
	for want, one := range map[string]Table{"one label column": two, "two names": three, "with a separator only": without} {
		if err := one.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	twice, again := table, without
	twice.Labels, again.Separator, again.Findings = []string{"a", "b", "a"}, "|", []string{"Mass", "Mass"}
	for want, one := range map[string]Table{"labels: a is named twice": twice, "findings: Mass is named twice": again} {
		if err := one.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if table.Separator = ";"; table.Validate() != nil {
		t.Error(table.Validate())
	}
	text := "image,label\n"
	for i := range MostFindings + 1 {
		text += fmt.Sprintf("a.png,word%d;word\n", i)
	}
	_, err := table.parse(t.Context(), mustRequest(t, Wanted{}, Wanted{}), []byte(text))
	if err == nil || !strings.Contains(err.Error(), `the cells of "label" list 202 findings, such as word, word0, word1, …`) {
		t.Errorf("got %v", err)
	}
}
