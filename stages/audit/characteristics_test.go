package audit

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestStandardised: differences are those of Python's tableone.
func TestStandardised(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/standardised.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Cases []struct {
			Categorical   bool
			Values, Split []string
			Want          float64
		}
	}
	if err := json.Unmarshal(data, &reference); err != nil {
		t.Fatal(err)
	}
	for i, c := range reference.Cases {
		k := characteristic{tag: "x", numbers: !c.Categorical, values: map[stage.Split][]string{}}
		for at, v := range c.Values {
			k.values[stage.Split(c.Split[at])] = append(k.values[stage.Split(c.Split[at])], v)
		}
		if got := k.difference([]stage.Split{stage.Train, stage.Test}); !(math.Abs(got-c.Want) <= 1e-9) {
			t.Errorf("case %d: got %.12f, want %.12f", i, got, c.Want)
		}
	}
	if len(reference.Cases) < 6 {
		t.Errorf("%d references", len(reference.Cases))
	}
}

// patients are cases of two images each: age, sex and site are of the patient, view of the image, and
// row names each case.
func patients(n int) (c Cases) {
	for i := range 2 * n {
		p := i / 2
		split := stage.Train
		if p%3 == 0 {
			split = stage.Test
		}
		tags := map[string]string{"age": fmt.Sprint(40 + p), "sex": []string{"F", "M"}[p%2], "view": []string{"CC", "MLO"}[i%2], "row": fmt.Sprint("r", i), "all": "same", "instance": fmt.Sprint(i)}
		if p%5 == 0 {
			tags["sex"] = ""
		}
		c.Cases = append(c.Cases, stage.Case{ID: fmt.Sprint(i), Group: fmt.Sprint("p", p), Split: split, Tags: tags})
	}
	c.groups = "patients"
	return c
}

func TestCharacteristics(t *testing.T) {
	t.Parallel()
	table := patients(30).characteristics()
	var got []string
	for _, row := range table.Rows {
		got = append(got, fmt.Sprint(row[:4]...))
	}
	want := []string{
		"age, mean (standard deviation) patients 55 (8.86) 53.5 (9.08)",
		"all: same patients 20 (100.0 %) 10 (100.0 %)",
		"sex: F patients 8 (40.0 %) 4 (40.0 %)", "sex: M patients 8 (40.0 %) 4 (40.0 %)", "sex not known patients 4 (20.0 %) 2 (20.0 %)",
		"view: CC samples 20 (50.0 %) 10 (50.0 %)", "view: MLO samples 20 (50.0 %) 10 (50.0 %)",
	}
	joined := strings.ReplaceAll(strings.Join(got, "\n"), "patients", " patients ")
	for _, line := range want {
		if !strings.Contains(squeezed(joined), squeezed(line)) {
			t.Errorf("no %q in\n%s", line, joined)
		}
	}
	if len(table.Rows) != len(want) || len(table.Columns) != 5 {
		t.Errorf("%d rows of %v:\n%s", len(table.Rows), table.Columns, joined)
	}
	if d := table.Rows[2][4].(float64); !(d <= 1e-12) {
		t.Errorf("equal shares differ by %v", d)
	}
	if d := table.Rows[0][4].(float64); !(math.Abs(d-0.167) <= 0.002) || table.Rows[3][4] != "" || !math.IsNaN(table.Rows[1][4].(float64)) {
		t.Errorf("ages differ by %v; %v", d, table.Rows)
	}
}

func squeezed(text string) string { return strings.ReplaceAll(text, " ", "") }

// TestCharacteristicsOfOneSplit and of nothing.
func TestCharacteristicsOfOneSplit(t *testing.T) {
	t.Parallel()
	c := patients(30)
	for i := range c.Cases {
		c.Cases[i].Split = stage.Test
	}
	if table := c.characteristics(); len(table.Columns) != 3 || len(table.Rows[0]) != 3 || table.Note != "" {
		t.Errorf("%v, %v", table.Columns, table.Rows[0])
	}
	for i := range c.Cases {
		c.Cases[i].Tags = nil
	}
	if table := c.characteristics(); table.Rows != nil {
		t.Errorf("%v", table.Rows)
	}
}

// TestDifferencesThatDoNotExist are NaN: of one value, of nothing known, of splits apart in all.
func TestDifferencesThatDoNotExist(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, pair := range [][2][]float64{{{1, 0}, {0, 1}}, {{1}, {1}}, {{nan, nan}, {0.5, 0.5}}, {{1, 0, 0}, {1, 0, 0}}} {
		if got := standardisedShares(pair[0], pair[1]); !math.IsNaN(got) && !math.IsInf(got, 1) {
			t.Errorf("%v: %v", pair, got)
		}
	}
	if got := standardisedShares([]float64{0.5, 0.5, 0}, []float64{0.4, 0.6, 0}); !(math.Abs(got-standardisedShares([]float64{0.5, 0.5}, []float64{0.4, 0.6})) <= 1e-12) {
		t.Errorf("a value that nobody has counts: %v", got)
	}
}

// TestValuesInOrder: numbers by their size, words by the alphabet.
func TestValuesInOrder(t *testing.T) {
	t.Parallel()
	for want, values := range map[string][]string{"2 9 10 1e2": {"10", "9", "", "1e2", "2", "10"}, "10 9 b": {"b", "9", "10"}} {
		k := characteristic{values: map[stage.Split][]string{stage.Train: values[:2], stage.Test: values[2:]}}
		if got := strings.Join(k.distinct(), " "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
