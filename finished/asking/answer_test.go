package asking

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// packed is a run of two folds that looks at points of slices, with calibration and prediction sets.
func packed(t *testing.T) finished.Run {
	t.Helper()
	run, err := finished.OpenPackage("../testdata/package-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func opened(t *testing.T) *Asker {
	t.Helper()
	a, err := Open(t.Context(), testEnv(t), packed(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// slices of one series in a folder, with a point in two of them.
func pointedQuestion(t *testing.T) (q Question, cache string) {
	t.Helper()
	above := t.TempDir()
	q.Dir, cache = filepath.Join(above, "files"), filepath.Join(above, "cache")
	q.Files = sentFiles(t, q.Dir, func(_, i int) string { return "s/" + string(rune('1'+i)) + ".dcm" }, 1, 5)
	q.Points = map[string]stage.Point{"s/2.dcm": {X: 20.5, Y: 31}, "s/4.dcm": {X: 25, Y: 28.25}}
	return q, cache
}

// TestAsk: what nets say of a question is, to the bit, what predict says of the same table; pictures
// come along, and the files of the question lie nowhere else.
func TestAsk(t *testing.T) {
	t.Parallel()
	a := opened(t)
	if a.Wants.Point != Needed || !a.Wants.Stacks || !a.Wants.Slices || a.Wants.Sample != "image" || a.Nets() != 2 || a.Outliers() {
		t.Fatalf("it wants %+v of %d nets", a.Wants, a.Nets())
	}
	q, cache := pointedQuestion(t)
	table := writeSent(t, q.Dir, "mine.csv", []byte("image,x,y\ns/2.dcm,20.5,31\ns/4.dcm,25,28.25\n"))
	env := testEnv(t)
	env.Cache = t.TempDir()
	columns := audit.Table{Image: "image", ID: "id", Group: "group", Series: "series", X: "x", Y: "y"}
	_, want, err := predict.Ask(t.Context(), env, packed(t), predict.Request{Data: []string{filepath.Join(q.Dir, table)}, Columns: columns})
	if err != nil || len(want) != 2 {
		t.Fatal(want, err)
	}
	got, err := a.Ask(t.Context(), testEnv(t), q, cache, true)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if got.Items[i].CaseID != want[i].CaseID || !reflect.DeepEqual(got.Items[i].Probabilities, want[i].Probabilities) || !reflect.DeepEqual(got.Sets.Set(got.Items[i]), got.Sets.Set(want[i])) {
			t.Errorf("got %+v, want %+v", got.Items[i], want[i])
		}
	}
	if len(got.Pictures) != 2 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "the step decode of this program") { // the package is an old one
		t.Fatalf("%d pictures, the warnings %q", len(got.Pictures), got.Warnings)
	}
	for i, p := range got.Pictures {
		img, err := png.Decode(bytes.NewReader(p.PNG))
		if err != nil || img.Bounds().Dx() != 12 || p.Name != want[i].CaseID || p.Image != p.Name || p.Point == nil || *p.Point != q.Points[p.Image] || p.Found || len(p.Looks) != 1 || p.Looks[0].Case != p.Name {
			t.Errorf("a picture: %+v, %v", p, err)
		}
	}
	again, err := a.Ask(t.Context(), testEnv(t), q, cache, false)
	if err != nil || again.Pictures != nil || !reflect.DeepEqual(again.Items, got.Items) {
		t.Errorf("asked again: got %v, %v", again.Items, err)
	}
}

// TestAskTroubles: what is wrong is told by the names of the sender, and files that are no images lose
// no answer about others.
func TestAskTroubles(t *testing.T) {
	t.Parallel()
	a := opened(t)
	q, cache := pointedQuestion(t)
	if err := os.WriteFile(filepath.Join(q.Dir, "s/4.dcm"), []byte("DICM, or not"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := a.Ask(t.Context(), testEnv(t), q, cache, true)
	if err != nil || len(got.Items) != 1 || len(got.Pictures) != 1 || len(got.Warnings) == 0 || strings.Contains(strings.Join(got.Warnings, ""), q.Dir) || !strings.Contains(strings.Join(got.Warnings, "\n"), "\nleft out: unreadable image: 1, such as s/4.dcm") {
		t.Errorf("one is broken: got %v, %q, %v", got.Items, got.Warnings, err)
	}
	delete(q.Points, "s/2.dcm")
	var fault stage.Fault
	if _, err = a.Ask(t.Context(), testEnv(t), q, cache, true); !errors.As(err, &fault) || strings.Contains(err.Error(), q.Dir) {
		t.Errorf("all are broken: got %v", err)
	}
	q.Points = nil
	if _, err = a.Ask(t.Context(), testEnv(t), q, cache, true); !errors.As(err, &fault) || !strings.Contains(err.Error(), "none is told") {
		t.Errorf("no point: got %v", err)
	}
}

// TestAskWaits: one question at a time; who is gone waits no longer.
func TestAskWaits(t *testing.T) {
	t.Parallel()
	a := opened(t)
	q, cache := pointedQuestion(t)
	release, err := a.hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := a.Ask(ctx, testEnv(t), q, cache, false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	answered := make(chan error)
	go func() {
		_, err := a.Ask(t.Context(), testEnv(t), q, cache, false)
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	release()
	if err := <-answered; err != nil {
		t.Error(err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := a.Ask(gone, testEnv(t), q, cache, false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestStacks: slices come in their order, by the names that they were sent by, and can be shown.
func TestStacks(t *testing.T) {
	t.Parallel()
	a := opened(t)
	above := t.TempDir()
	q := Question{Dir: filepath.Join(above, "files")}
	names := []string{"c.dcm", "a.dcm", "b.dcm"} // the first is the first slice
	q.Files = sentFiles(t, q.Dir, func(s, i int) string { return string(rune('x'+s)) + names[i] }, 2, 3)
	got, err := a.Stacks(t.Context(), testEnv(t), q, filepath.Join(above, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Name != "series-1" || got[1].Name != "series-2" {
		t.Fatalf("got %+v", got)
	}
	for i, of := range []string{"x", "y"} { // patients lie either way in the scanner
		way := strings.Join(got[i].Images, " ")
		if forth, back := of+"c.dcm "+of+"a.dcm "+of+"b.dcm", of+"b.dcm "+of+"a.dcm "+of+"c.dcm"; way != forth && way != back {
			t.Errorf("got %s, want %s or back", way, forth)
		}
	}
	shown, err := a.Show(filepath.Join(q.Dir, "series-1"), "xa.dcm")
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(shown.PNG)); err != nil || img.Bounds().Dx() < 20 || shown.ToFile != [6]float64{1, 0, 0, 0, 1, 0} {
		t.Errorf("got %v, %v", shown.ToFile, err)
	}
	writeSent(t, q.Dir, "broken.dcm", []byte("x"))
	var fault stage.Fault
	if _, err := a.Show(q.Dir, "broken.dcm"); !errors.As(err, &fault) || strings.Contains(err.Error(), q.Dir) {
		t.Errorf("got %v", err)
	}
	bad := Question{Dir: t.TempDir()}
	bad.Files = []string{writeSent(t, bad.Dir, "a.dcm", []byte("x"))}
	if _, err := a.Stacks(t.Context(), testEnv(t), bad, t.TempDir()); !errors.As(err, &fault) || strings.Contains(err.Error(), bad.Dir) {
		t.Errorf("got %v", err)
	}
}
