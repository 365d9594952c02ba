package results

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// TestThumbnailsAreShared: equal pictures are stored once, and go when the last
// run that shows them goes.
func TestThumbnailsAreShared(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	a, b := beginTest(t, db, "a"), beginTest(t, db, "b")
	record(t, a, stage.Thumbnail{Case: "1", PNG: []byte("one")}, stage.Thumbnail{Case: "2", PNG: []byte("two")})
	record(t, b, stage.Thumbnail{Case: "1", PNG: []byte("one")}, stage.Thumbnail{Case: "3", PNG: []byte("one")})
	record(t, b, stage.Thumbnail{Case: "3", PNG: []byte("three")}) // replaces
	images := func() (n int) {
		if err := db.read.QueryRow(`SELECT count(*) FROM images`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := images(); n != 3 {
		t.Errorf("%d pictures are stored, want 3", n)
	}
	got, err := db.Thumbnails(t.Context(), []string{a.ID(), b.ID()}, []string{"1", "3", "4"})
	if err != nil {
		t.Fatal(err)
	}
	if string(got["1"]) != "one" || string(got["3"]) != "three" || len(got) != 2 {
		t.Errorf("got %v", slices.Collect(maps.Keys(got)))
	}
	if got, err := db.Thumbnails(t.Context(), []string{a.ID()}, []string{"3"}); err != nil || len(got) != 0 {
		t.Errorf("a picture of another run: %v, %v", got, err)
	}
	if err := a.Finish(t.Context(), Done, nil); err != nil {
		t.Fatal(err)
	}
	if err := db.Delete(t.Context(), a.ID(), func(RunSummary, []stage.Artefact) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := images(); n != 2 {
		t.Errorf("%d pictures are left, want 2", n)
	}
}

func TestNoise(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	at := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	n := Noise{At: at, Name: "x", Data: "d", Experiment: "e", Series: "test", Metric: "f1", Mean: 0.5, Deviation: 0.01, Low: 0.4, High: math.NaN(), Runs: []string{"r1", "r2"}}
	older := n
	older.Mean, older.Runs = 0.1, []string{"r1"}
	other := n
	other.Experiment, other.At = "f", at.Add(-time.Hour)
	for _, list := range [][]Noise{{older}, {n, other}} {
		if err := db.StoreNoise(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.NoiseOf(t.Context(), "d", "test", "f1")
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	if !math.IsNaN(got[0].High) {
		t.Errorf("high is %v, want NaN", got[0].High)
	}
	got[0].High, n.High = 0, 0
	if !reflect.DeepEqual(got[0], n) {
		t.Errorf("got  %+v\nwant %+v", got[0], n)
	}
	if none, err := db.NoiseOf(t.Context(), "other data", "test", "f1"); err != nil || len(none) != 0 {
		t.Errorf("got %v, %v", none, err)
	}
}
