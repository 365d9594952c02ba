package evaluate

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// margined compares runs of some patients, of which B's skill differs by so much.
func margined(t testing.TB, primary string, pair, patients int, skill, margin float64) Pair {
	t.Helper()
	q := question(primary, 400, contender("a", trial{pair, patients, 0}.run("a")), contender("b", trial{pair, patients, skill}.run("b")))
	q.Margin = margin
	c, err := Compare(t.Context(), stage.Env{Seed: 4, Workers: 2}, q)
	if err != nil {
		t.Fatal(err)
	}
	return c.Pairs[0]
}

// TestMargin: B is judged by where its interval lies beside the margin, whichever way of the number is better.
func TestMargin(t *testing.T) {
	t.Parallel()
	for _, primary := range []string{"loss", "macro_f1"} {
		for _, c := range []struct {
			patients      int
			skill, margin float64
			want, words   string
		}{
			{120, 0, 0.5, Equivalent, "; by the margin of 0.5 the two are equivalent: neither is better by as much, one-sided p = "},
			{120, 2, 0.001, NonInferior, "b is non-inferior to a: it is not worse by the margin of 0.001, one-sided p = "},
			{120, -2, 0.001, Inferior, "b is inferior to a: it is worse by more than the margin of 0.001, one-sided p = "},
			{12, 0, 0.0001, Inconclusive, "whether b is worse than a by the margin of 0.0001 is not known, one-sided p = "},
			{120, 0, 0, "", ""},
		} {
			pair := margined(t, primary, 1, c.patients, c.skill, c.margin)
			if words := pair.Words(); pair.Margin.Verdict != c.want || !strings.Contains(words, c.words) || c.want == "" && strings.Contains(words, "margin") {
				t.Errorf("%s, skill %v, margin %v: %q, %s", primary, c.skill, c.margin, pair.Margin.Verdict, words)
			}
		}
	}
}

// TestNeeded: half the margin takes four times the groups.
func TestNeeded(t *testing.T) {
	t.Parallel()
	for want, c := range map[int][2]float64{41: {0.101, 0.1}, 160: {0.1, 0.05}, 0: {0.1, 0.2}} {
		if got := needed(40, c[0], c[1]); got != want {
			t.Errorf("%v: %d groups, want %d", c, got, want)
		}
	}
	if got := needed(40, math.NaN(), 1); got != 0 {
		t.Errorf("of no number %d groups", got)
	}
	one, other := margined(t, "loss", 1, 60, 0, 0.01), margined(t, "loss", 1, 60, 0, 0.02)
	if ratio := float64(one.Margin.Needed) / float64(other.Margin.Needed); math.Abs(ratio-4) > 0.01 || !strings.Contains(one.Words(), " groups of cases show it in 80 of 100") {
		t.Errorf("%d and %d groups: %s", one.Margin.Needed, other.Margin.Needed, one.Words())
	}
}

// TestMarginAndInterval: the verdict changes where the interval ends.
func TestMarginAndInterval(t *testing.T) {
	t.Parallel()
	d := margined(t, "macro_f1", 2, 60, -0.3, 0).Primary
	if !(d.Low < 0 && d.High > 0) || -d.Low < d.High {
		t.Fatalf("the interval is %v to %v: it does not tell the verdicts apart", d.Low, d.High)
	}
	for width, want := range map[float64]string{-0.95 * d.Low: Inconclusive, -1.05 * d.Low: Equivalent} {
		if got := margined(t, "macro_f1", 2, 60, -0.3, width).Margin; got.Verdict != want || want == Equivalent && !(got.P < 0.025) {
			t.Errorf("margin %v beside the interval %v to %v: %+v", width, d.Low, d.High, got)
		}
	}
}

// TestMarginOfNothing: where nothing is known of the spread, nothing is said of the margin.
func TestMarginOfNothing(t *testing.T) {
	t.Parallel()
	one := trial{1, 20, 0}.run("a")
	q := question("loss", 50, contender("a", one), contender("b", one))
	q.Margin = 0.1
	pair := compare(t, q).Pairs[0]
	if m := pair.Margin; m.Verdict != "" || !math.IsNaN(m.P) || !strings.HasSuffix(pair.Words(), "nothing can be said of the margin of 0.1") {
		t.Errorf("%+v, %s", m, pair.Words())
	}
}

// BenchmarkErrorsOfMargins: how often B, truly worse by just the margin, is said to be non-inferior, which
// half of 5 % of pairs are meant to be; and how often it is where there is no difference.
func BenchmarkErrorsOfMargins(b *testing.B) {
	const pairs = 1000
	for _, primary := range []string{"loss", "macro_f1"} {
		for _, patients := range []int{15, 40, 100} {
			b.Run(fmt.Sprintf("%s of %d patients", primary, patients), func(b *testing.B) {
				for range b.N {
					truth := 0.0
					for pair := range pairs {
						truth += margined(b, primary, pair, patients, -0.5, 0).Primary.Value / pairs
					}
					truth = math.Abs(truth)
					wrong, right := 0.0, 0.0
					for pair := range pairs {
						if v := margined(b, primary, pair, patients, -0.5, truth).Margin.Verdict; v == NonInferior || v == Equivalent {
							wrong += 100. / pairs
						}
						if v := margined(b, primary, pair+pairs, patients, 0, truth).Margin.Verdict; v == NonInferior || v == Equivalent {
							right += 100. / pairs
						}
					}
					b.ReportMetric(truth, "margin")
					b.ReportMetric(wrong, "%wrong")
					b.ReportMetric(right, "%found")
				}
			})
		}
	}
}
