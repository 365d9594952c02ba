package results

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// everything holds each shape, with the numbers that are hard to keep.
func everything() []stage.Record {
	nan, inf := math.NaN(), math.Inf(1)
	return []stage.Record{
		stage.PhaseRecord{Name: "head", Trainable: 2_100_739, Total: 25_600_000, Groups: []string{"head", "layer4.*"}, FirstEpoch: 1,
			LastEpoch: 12, BestEpoch: 9, Ended: "no better for 3 epochs"},
		stage.Scalar{Name: "loss", Title: "Loss", Series: "train", Phase: "head", Epoch: 1, Step: 100, Value: 0.1 + 0.2, Better: stage.LowerBetter},
		stage.Scalar{Name: "auroc", Title: "AUROC", Series: "test", Epoch: stage.Final, Value: nan, Unit: "%", Better: stage.HigherBetter},
		stage.Scalar{Name: "loss", Title: "Loss", Series: "test", Epoch: stage.Final, Value: inf},
		stage.Scalar{Name: "f1", Title: "F1", Series: "test", Epoch: stage.Final, Value: 0.5,
			Interval: &stage.Interval{Low: 0.41, High: nan, Level: 0.95, Method: "bca over 20 groups"}},
		stage.Table{Name: "t", Title: "T", Section: "data", Note: "cases, not images", Columns: []string{"a", "b", "c"},
			Rows: [][]any{{"Größe", 3, 3.0}, {"", -1, nan}, {"9", math.MaxInt64, math.SmallestNonzeroFloat64}, {},
				{stage.Estimate{Value: 0.5, Low: nan, High: inf}}}},
		stage.Matrix{Name: "m", Title: "M", Section: "results", RowsTitle: "truth", ColumnTitle: "said", Rows: []string{"a", "b"},
			Columns: []string{"x"}, Values: [][]float64{{nan}, {-inf}}},
		stage.Curve{Name: "c", Title: "C", Section: "results", XLabel: "x", YLabel: "y",
			Lines: []stage.Line{{Label: "l", X: []float64{0, 1e-300}, Y: []float64{nan, math.MaxFloat64}}}},
		stage.Bars{Name: "b", Title: "B", Section: "data", YLabel: "cases", Categories: []string{"x", "y"},
			Groups: []stage.BarGroup{{Label: "train", Values: []float64{1, nan}}}},
		stage.Scatter{Name: "s", Title: "S", Section: "results", Note: "near is alike",
			Points: []stage.ScatterPoint{{X: 0.1, Y: -1e-300, Cases: []string{"1_l5_s1"}}, {X: nan, Y: 3, Cases: []string{"a", "b"}}}},
		stage.Gallery{Name: "g", Title: "G", Section: "results",
			Pictures: []stage.Picture{{Caption: "one", PNG: []byte{0, 1, 255}}, {Caption: "two", PNG: []byte{}, Case: "1_l5_s1", Overlay: []byte{9}}}},
		stage.Prediction{CaseID: "1_l5_s1", Group: "1", Split: stage.Test, Phase: "head", Label: 2,
			Probabilities: []float64{1.0 / 3, 2.0 / 3, 0}, Tags: map[string]string{"level": "l5_s1"}},
		stage.Event{Level: "warning", Stage: "audit", Text: "35 points without a label\nand a second line"},
		stage.Artefact{Kind: "checkpoint", Path: "best.safetensors", Bytes: 1 << 40, SHA256: "abc"},
		stage.Fact{Name: "device", Value: "cpu"},
	}
}

func TestEverythingComesBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	info := RunInfo{Name: "Frozen, then top!", Purpose: "does it help?", File: "x.yaml", Experiment: "name: x\n", Fingerprint: "f00",
		Seed: math.MaxUint64, Facts: []stage.Fact{{Name: "libtorch", Value: "2.1.0"}}, Now: clock()}
	run, err := db.Begin(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	want := everything()
	record(t, run, want...)
	record(t, run, want[:11]...) // a second time changes nothing
	if err := run.Finish(t.Context(), Done, nil); err != nil {
		t.Fatal(err)
	}
	rec := load(t, db, "latest")

	var got []stage.Record
	add := func(records ...stage.Record) { got = append(got, records...) }
	add(rec.Phases[0])
	for _, s := range rec.Scalars {
		add(s)
	}
	add(rec.Figures...)
	add(rec.Predictions[0], rec.Events[0].Event, rec.Artefacts[0], rec.Facts[1])
	if len(got) != len(want) {
		t.Fatalf("got %d records, want %d", len(got), len(want))
	}
	for i := range want {
		if g, w := asText(got[i]), asText(want[i]); g != w {
			t.Errorf("got  %s\nwant %s", g, w)
		}
	}
	s := rec.RunSummary
	if s.ID != "2026-11-24-frozen-then-top" || s.Seed != math.MaxUint64 || s.Status != Done || s.Purpose != info.Purpose ||
		s.Fingerprint != "f00" || rec.Experiment != info.Experiment || s.File != "x.yaml" || len(s.Finals) != 3 || rec.Fact("libtorch") != "2.1.0" {
		t.Errorf("got %+v", s)
	}
	if got, want := s.Started.Format(timeLayout), "2026-11-24T22:15:01.123456Z"; got != want || s.Duration() <= 0 {
		t.Errorf("started %s, took %s; want %s", got, s.Duration(), want)
	}
	if tables := Shape[stage.Table](rec); len(tables) != 1 || tables[0].Name != "t" {
		t.Errorf("got tables %v", tables)
	}
}

// asText compares records as text, in which NaN equals itself.
func asText(record stage.Record) string {
	text := fmt.Sprintf("%#v", record)
	if s, ok := record.(stage.Scalar); ok && s.Interval != nil {
		interval := *s.Interval
		s.Interval = nil
		text = fmt.Sprintf("%#v %#v", s, interval)
	}
	return text
}

func TestRecordReplaces(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	loss := func(epoch, step int, v float64) stage.Scalar {
		return stage.Scalar{Name: "loss", Series: "train", Epoch: epoch, Step: step, Value: v}
	}
	confusion := func(title string, v float64) stage.Matrix {
		return stage.Matrix{Name: "confusion", Title: title, Values: [][]float64{{v}}}
	}
	record(t, run, loss(1, 10, 1), loss(2, 20, 2), confusion("validation", 1), confusion("test", 2),
		stage.Gallery{Name: "g", Pictures: make([]stage.Picture, 3)}, stage.PhaseRecord{Name: "head"})
	record(t, run, loss(2, 20, 22), loss(1, 10, 11), loss(2, 30, 3), confusion("validation", 3),
		stage.Gallery{Name: "g", Pictures: make([]stage.Picture, 1)}, stage.PhaseRecord{Name: "head", Ended: "all epochs done"})
	rec := load(t, db, "latest")
	if want := []stage.Scalar{loss(1, 10, 11), loss(2, 20, 22), loss(2, 30, 3)}; !reflect.DeepEqual(rec.Scalars, want) {
		t.Errorf("got %+v, want %+v", rec.Scalars, want)
	}
	if got := Shape[stage.Matrix](rec); len(got) != 2 || got[0].Values[0][0] != 3 || got[1].Values[0][0] != 2 {
		t.Errorf("got matrices %+v", got)
	}
	if got := Shape[stage.Gallery](rec); len(got) != 1 || len(got[0].Pictures) != 1 {
		t.Errorf("got galleries %+v", got)
	}
	if len(rec.Phases) != 1 || rec.Phases[0].Ended == "" {
		t.Errorf("got phases %+v", rec.Phases)
	}
}

func TestRecordIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	err := run.Record(t.Context(), stage.Fact{Name: "a", Value: "b"}, &stage.Scalar{})
	if err == nil || !strings.Contains(err.Error(), "*stage.Scalar") || !strings.Contains(err.Error(), run.ID()) {
		t.Errorf("got %v", err)
	}
	if rec := load(t, db, "latest"); len(rec.Facts) != 0 {
		t.Errorf("half of it was kept: %v", rec.Facts)
	}
}

func TestOddCells(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "x"), stage.Table{Name: "t", Rows: [][]any{{nil, true, float32(0.5), int64(7), stage.Test, errors.New("e")}}})
	got := Shape[stage.Table](load(t, db, "latest"))[0].Rows[0]
	if want := []any{"", "true", 0.5, 7, "test", "e"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

func TestCancelledContextStillStores(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run.Record(ctx, stage.Fact{Name: "a", Value: "b"}); err != nil {
		t.Error(err)
	}
	if err := run.Finish(ctx, Interrupted, ctx.Err()); err != nil {
		t.Error(err)
	}
	rec := load(t, db, "latest")
	if rec.Status != Interrupted || rec.FailureKind != "interrupted" || rec.Fact("a") != "b" {
		t.Errorf("got %+v", rec.RunSummary)
	}
}

type full struct{ error }

func (full) Kind() string { return "out of memory" }

func TestFinish(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	for _, c := range []struct {
		status Status
		err    error
		kind   string
	}{
		{Done, nil, ""},
		{Failed, errors.New("loss is NaN"), "error"},
		{Failed, fmt.Errorf("train: %w", context.DeadlineExceeded), "timeout"},
		{Failed, fmt.Errorf("train: %w", stage.Fault{Err: full{errors.New("no room")}, Hint: "smaller batch"}), "out of memory"},
	} {
		run := beginTest(t, db, "x")
		if err := run.Finish(t.Context(), c.status, c.err); err != nil {
			t.Fatal(err)
		}
		got := load(t, db, run.ID())
		if got.Status != c.status || got.FailureKind != c.kind || got.Ended.IsZero() || c.err != nil && got.FailureMessage != c.err.Error() {
			t.Errorf("got %+v", got.RunSummary)
		}
		if err := run.Finish(t.Context(), Done, nil); err == nil || !strings.Contains(err.Error(), "already ended") {
			t.Errorf("a second end gave %v", err)
		}
		record(t, run, stage.Artefact{Kind: "report", Path: "out.html"}) // may come after the end
	}
	if err := beginTest(t, db, "x").Finish(t.Context(), Running, nil); err == nil {
		t.Error("a run ended as running")
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	if _, err := db.Resume(t.Context(), run.ID(), RunInfo{Now: clock()}); err == nil || !strings.Contains(err.Error(), "still running") {
		t.Errorf("a living run was resumed: %v", err)
	}
	record(t, run, stage.Scalar{Name: "loss", Epoch: 1, Value: 1})
	if err := run.Finish(t.Context(), Failed, errors.New("power")); err != nil {
		t.Fatal(err)
	}
	again, err := db.Resume(t.Context(), "x", RunInfo{Now: clock(), Facts: []stage.Fact{{Name: "device", Value: "cpu"}}})
	if err != nil {
		t.Fatal(err)
	}
	record(t, again, stage.Scalar{Name: "loss", Epoch: 1, Value: 2})
	rec := load(t, db, "latest")
	if rec.ID != run.ID() || rec.Status != Running || rec.FailureMessage != "" || !rec.Ended.IsZero() || len(rec.Scalars) != 1 {
		t.Errorf("got %+v", rec)
	}
}

// TestResumedEvents: what was told before is not told again, though an event may
// come twice in one go.
func TestResumedEvents(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "x")
	cold, hot := stage.Event{Level: "info", Stage: "audit", Text: "cold"}, stage.Event{Level: "info", Stage: "audit", Text: "hot"}
	record(t, run, cold, cold)
	if err := run.Finish(t.Context(), Interrupted, nil); err != nil {
		t.Fatal(err)
	}
	record(t, beginTest(t, db, "other"), cold)
	again, err := db.Resume(t.Context(), "x", RunInfo{Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	record(t, again, cold, hot, hot)
	record(t, again, cold, stage.Event{Level: "warning", Stage: "audit", Text: "cold"})
	var got []string
	for _, e := range load(t, db, run.ID()).Events {
		got = append(got, e.Level+" "+e.Text)
	}
	if want := []string{"info cold", "info cold", "info hot", "info hot", "warning cold"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(load(t, db, "other").Events); n != 1 {
		t.Errorf("another run has %d events", n)
	}
}

func TestNoClock(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	if _, err := db.Begin(t.Context(), RunInfo{}); err == nil {
		t.Error("began without a clock")
	}
}

func TestFilesCanBeReadWithSQL(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "x"), everything()...)
	for query, want := range map[string]string{
		`SELECT probabilities ->> 2 FROM predictions`:                   "0.0",
		`SELECT tags ->> 'level' FROM predictions`:                      "l5_s1",
		`SELECT value FROM tables, json_each(tables.columns)`:           "a",
		`SELECT "rows" -> 0 ->> 1 FROM tables`:                          "3",
		`SELECT "values" -> 1 ->> 0 FROM matrices`:                      "-Inf",
		`SELECT lines -> 0 ->> 'label' FROM curves`:                     "l",
		`SELECT groups -> 0 -> 'values' ->> 0 FROM bars`:                "1.0",
		`SELECT count(*) FROM galleries`:                                "1",
		`SELECT count(*) FROM scalars WHERE value IS NULL`:              "1",
		`SELECT low FROM scalars WHERE level IS NOT NULL`:               "0.41",
		`SELECT "rows" -> 4 -> 0 ->> 'value' FROM tables`:               "0.5",
		`SELECT y_label || x_label || rows_title FROM curves, matrices`: "yxtruth",
	} {
		var got string
		if err := db.read.QueryRow(query).Scan(&got); err != nil || got != want && !strings.HasPrefix(got, want+".") && got != strings.TrimSuffix(want, ".0") {
			t.Errorf("%s: got %q, %v; want %q", query, got, err, want)
		}
	}
}

// TestReadList: lists are read as JSON reads them, odd ones too.
func TestReadList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want string
	}{
		{"[0.25,0.75]", "[0.25 0.75]"}, {"[1.0]", "[1]"}, {"[]", "[]"}, {"[null,0.5]", "[NaN 0.5]"}, {"[9e999,-9e999]", "[+Inf -Inf]"},
		{"[ 0.5, 1e-300 ]", "[0.5 1e-300]"}, {"null", "[]"},
	} {
		got, err := readList([]byte(c.text))
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, %v; want %s", c.text, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "[", "[0.5", "[0.5,]", "[a]", "{}", `["0.5"]`} {
		if got, err := readList([]byte(bad)); err == nil {
			t.Errorf("%q gave %v", bad, got)
		}
	}
}
