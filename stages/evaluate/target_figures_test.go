package evaluate

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestAreasByClass: of three classes that all targets share, the table has the area of each in
// each target, and their means.
func TestAreasByClass(t *testing.T) {
	t.Parallel()
	items := some(120)
	for i := range items {
		items[i].Tags = map[string]string{stage.TargetTag: []string{"a", "b"}[i%2]}
	}
	p := averaged(t, classes, items)
	for name, area := range map[string]func(areas) float64{"auroc": func(a areas) float64 { return a.roc }, "average_precision": func(a areas) float64 { return a.precision }} {
		one, _ := Metrics.Default(name)
		table := p.show(one.Part).Tables[0]
		if len(table.Rows) != 3 || table.Rows[2][0] != "mean" {
			t.Fatalf("%s: got %v", name, table.Rows)
		}
		for k, of := range p.targets() {
			sum := 0.0
			for class := range classes {
				want := area(of.areas(class))
				if sum += want / 3; !near(table.Rows[k][2+class].(float64), want) {
					t.Errorf("%s: got %v, want %v in class %d", name, table.Rows[k], want, class)
				}
			}
			if row := table.Rows[k]; row[0] != of.Name || row[1] != 60 || !near(row[5].(float64), sum) {
				t.Errorf("%s: got %v of %s, want the mean %v", name, row, of.Name, sum)
			}
		}
		if got := table.Rows[2][5].(float64); !near(got, p.values(one.Part)[0]) {
			t.Errorf("%s: the mean is %v, the number %v", name, got, p.values(one.Part)[0])
		}
	}
}

// TestDecisionCurve: at each threshold the curve has the number of that threshold; to act on all
// has the share of the class less the odds for each other case, as long as that is worth drawing.
func TestDecisionCurve(t *testing.T) {
	t.Parallel()
	p, err := prepare(classes, some(120))
	if err != nil {
		t.Fatal(err)
	}
	share := 0.0
	for _, item := range p.Items {
		share += indicator(item.Label == 2) / 120
	}
	lines := NetBenefit{Threshold: 0.2}.Show(p).Curves[0].Lines
	if len(lines) != 3 || len(lines[0].X) != 99 || len(lines[2].X) != 99 || len(lines[1].X) < 5 || len(lines[1].X) > 90 {
		t.Fatalf("got %+v", lines)
	}
	for i, x := range lines[0].X {
		if want := (NetBenefit{Threshold: float64(i+1) / 100}).Values(p)[0]; !near(x, float64(i+1)/100) || !near(lines[0].Y[i], want) || lines[2].Y[i] != 0 {
			t.Errorf("at %v: %v and %v, want %v", x, lines[0].Y[i], lines[2].Y[i], want)
		}
	}
	for i, x := range lines[1].X {
		if want := share - (1-share)*x/(1-x); !near(lines[1].Y[i], want) || want < -max(share/4, 0.05) {
			t.Errorf("acting on all at %v: %v, want %v", x, lines[1].Y[i], want)
		}
	}
}

func titlesOf(r Result) (titles []string) {
	for _, c := range r.Curves {
		titles = append(titles, c.Title)
	}
	for _, m := range r.Matrices {
		titles = append(titles, m.Title)
	}
	for _, table := range r.Tables {
		titles = append(titles, table.Title)
	}
	return titles
}

// TestFiguresOfFindings: a line and a row for each target that has both answers, and
// the mean of the rows is the number.
func TestFiguresOfFindings(t *testing.T) {
	t.Parallel()
	p := averaged(t, answers, findings(60, 2))
	r := result(t, AUROC{}, p)
	if len(r.Curves) != 1 || len(r.Curves[0].Lines) != 4 || r.Curves[0].Lines[3].Label != "finding 3" {
		t.Errorf("got curves %+v", r.Curves)
	}
	rows := r.Tables[0].Rows
	if len(rows) != 6 || rows[4][2] != 0 || !math.IsNaN(rows[4][4].(float64)) || rows[5][0] != "mean" || !near(rows[5][4].(float64), r.Scalars[0].Value) {
		t.Errorf("got %v, macro AUROC %v", rows, r.Scalars[0].Value)
	}
	found := result(t, PerClass{}, p).Tables[0]
	numbers := result(t, PositiveClass{}, p).Scalars
	for column, number := range map[int]int{4: 0, 5: 1, 6: 3, 7: 2} {
		if got, want := found.Rows[5][column].(float64), numbers[number].Value; !near(got, want) {
			t.Errorf("the mean of %s is %v in the table, and %v as a number", found.Columns[column], got, want)
		}
	}
	counts := result(t, Confusion{}, p).Tables[0]
	if want := []string{"target", "no → no", "no → yes", "yes → no", "yes → yes"}; !slices.Equal(counts.Columns, want) || len(counts.Rows) != 5 {
		t.Errorf("got %+v", counts)
	}
}
