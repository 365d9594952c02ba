package reports

import (
	"math"
	"slices"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestShort(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 1: "1", -1: "−1", 0.57134: "0.5713", 0.5: "0.5", 0.03412: "0.0341", 0.001234: "0.001234", 0.00012: "1.2e-4", 1e-5: "1e-5",
		12.3456: "12.35", 1234.5: "1234", 123456.7: "123457", 1.5e6: "1500000", 1234567.5: "1.235e6", -2.5e-7: "−2.5e-7",
		math.Inf(1): "∞", math.Inf(-1): "−∞", 1e300: "1e300", math.MaxFloat64: "1.798e308", 99.999: "100", 0.99999: "1",
	} {
		if got := short(v); got != want {
			t.Errorf("%g: got %s, want %s", v, got, want)
		}
	}
	if got := short(math.NaN()); got != missing {
		t.Errorf("NaN: got %s", got)
	}
}

func TestColumn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   []float64
		want []string
	}{
		{[]float64{0.5, 0.25, 1, math.NaN()}, []string{"0.50", "0.25", "1.00", missing}},
		{[]float64{1e-5, 1e-4, 0.3, 0}, []string{"1e-5", "1e-4", "0.3", "0"}},
		{[]float64{3, 12}, []string{"3", "12"}},
		{[]float64{0.548185, 0.7625, 0.00109}, []string{"0.5482", "0.7625", "0.0011"}},
		{[]float64{0.0012345, 0.01}, []string{"0.001234", "0.010000"}},
		{[]float64{0.6375, 0.0125, 4.441e-16}, []string{"0.6375", "0.0125", "0.0000"}},
		{[]float64{2e-16, 1e-15}, []string{"2e-16", "1e-15"}},
		{nil, []string{}},
	} {
		if got := column(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		grouped(0): "0", grouped(999): "999", grouped(1000): "1,000", grouped(-25_600_000): "−25,600,000",
		count(-1e20): short(-1e20), count(1e20): short(1e20), count(-7): "−7", count(1234): "1,234", count(0.5): "0.5", size(999): "999 B", size(102_563_112): "103 MB", size(1 << 40): "1.1 TB",
		span(0): "", span(59 * time.Second): "59 s", span(61 * time.Second): "1 min 1 s", span(3*time.Hour + 12*time.Minute): "3 h 12 min", span(50 * time.Hour): "2 d 2 h",
		share(1, 3): "33.3 %", share(0, 0): missing, share(1, 1_000_000): "<0.1 %", plural(1, "x", "xs"): "1 x", plural(1200, "x", "xs"): "1,200 xs",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestHighlight(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]yamlLine{
		"  rate: 1e-4  # small":   {"  ", "rate: ", "1e-4", "  # small"},
		"- crop: {around: point}": {"- ", "crop: ", "{around: point}", ""},
		"- decode":                {"- ", "", "decode", ""},
		"# all":                   {"", "", "", "# all"},
		"url: a#b":                {"", "url: ", "a#b", ""},
		"data:":                   {"", "data:", "", ""},
	} {
		got := highlight(text + "\n")
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if got := highlight("\n"); got != nil {
		t.Errorf("nothing gave %q", got)
	}
}

// What highlight cuts must still be the whole text.
func FuzzHighlight(f *testing.F) {
	f.Add("a: b # c\n- x\n\xff\n")
	f.Fuzz(func(t *testing.T, text string) {
		all := ""
		for i, l := range highlight(text) {
			if i > 0 {
				all += "\n"
			}
			all += l.Indent + l.Key + l.Value + l.Comment
		}
		want := text
		for len(want) > 0 && want[len(want)-1] == '\n' {
			want = want[:len(want)-1]
		}
		if all != want {
			t.Errorf("got %q, want %q", all, want)
		}
	})
}

func TestRangeOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		shown     string
		want      string
	}{
		{0.65012, 0.7, "0.6812", "0.6501–0.7000"}, {0.027, 0.081, "0.0480", "0.0270–0.0810"}, {-0.01, 0.02, "0.5", "−0.010 to 0.020"}, {1e-6, 3e-5, "1e-5", "1e-6–3e-5"},
		{math.NaN(), 1, "0.5", ""}, {0, math.NaN(), "0.5", ""},
	} {
		if got := rangeOf(c.low, c.high, c.shown); got != c.want {
			t.Errorf("%v: got %q, want %q", c, got, c.want)
		}
	}
}

// TestIntervalsAreDrawn: beside final numbers and in the cells of tables.
func TestIntervalsAreDrawn(t *testing.T) {
	t.Parallel()
	tables, _ := headline([]stage.Scalar{{Name: "f1", Series: "test", Epoch: stage.Final, Value: 0.5, Interval: &stage.Interval{Low: 0.4, High: 0.6}}})
	if got := tables[0].Rows[0][1]; got.Text != "0.5" || got.Range != "0.400–0.600" {
		t.Errorf("headline: got %+v", got)
	}
	v := newTable(stage.Table{Columns: []string{"side", "F1"}, Rows: [][]any{{"left", stage.Estimate{Value: 0.25, Low: 0.1, High: 0.3}}, {"right", 0.5}}})
	if a, b := v.Rows[0][1], v.Rows[1][1]; a.Text != "0.25" || a.Range != "0.100–0.300" || !a.Number || b.Text != "0.50" || b.Range != "" {
		t.Errorf("table: got %+v and %+v", a, b)
	}
}
