package preprocess

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// enhanced makes a table of two enhanced files of three frames, and of one frame of
// another.
func enhanced(t *testing.T) audit.Config {
	t.Helper()
	dir := t.TempDir()
	for name, begin := range map[string]string{"explicit": "", "implicit": "II*\x00", "undefined": "\x5c\x01\x00\x00"} {
		content, err := os.ReadFile("../internal/dicom/testdata/enhanced-" + name + ".dcm")
		if err != nil {
			t.Fatal(err)
		}
		copy(content, begin) // 128 bytes are free: scanners write what TIFF and Analyze files begin with
		if err := os.WriteFile(filepath.Join(dir, name+".dcm"), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	table := filepath.Join(dir, "cases.csv")
	text := "image,label,patient\nexplicit.dcm,a,1\nimplicit.dcm,b,2\nundefined.dcm#1,b,3\nundefined.dcm#9,b,4\n"
	if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := audit.Default
	cfg.Source = registry.One[audit.Source]{Name: "table", Part: audit.Table{File: registry.Path(table), Image: "image", Labels: []string{"label"}, Group: "patient"}}
	cfg.Split = audit.Split{By: "row", Validation: 0.3}
	return cfg
}

// TestFramesAreSlices takes the middle frame of a file of three, and its neighbours by
// where they lie: frame 2 of three comes before frame 1, seen from the right. The
// stored numbers are 37·n, and frame i has slope 1+i and intercept −i.
func TestFramesAreSlices(t *testing.T) {
	t.Parallel()
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2}
	cases, err := audit.Look(t.Context(), env, enhanced(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(cases.Cases) != 3 || len(cases.Dropped) != 1 || cases.Dropped[0].ID != "unreadable_image" {
		t.Fatalf("got %d cases, dropped %v; want 3, and the frame 9 of three dropped", len(cases.Cases), cases.Dropped)
	}
	for _, f := range cases.Findings {
		if f.ID == "undecodable_image" {
			t.Errorf("the pixel pass finds %v", f)
		}
	}
	checkStacks(t, env, cases, steps(bright, Stack{Slices: 3, Reach: "neighbours", Stride: 1, Edge: "zero"}, small), map[string][]int{
		"": {2, 1, 0}, "undefined.dcm#1": {1, 0, -1},
	})
}

// TestStackOfWholeSeries spreads channels over a series, whatever slice is the case's own:
// the middle slices of equal parts.
func TestStackOfWholeSeries(t *testing.T) {
	t.Parallel()
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2}
	cases, err := audit.Look(t.Context(), env, enhanced(t))
	if err != nil {
		t.Fatal(err)
	}
	stack := func(n int) Stack { return Stack{Slices: n, Reach: "series"} }
	checkStacks(t, env, cases, steps(bright, stack(2), small), map[string][]int{"": {2, 0}, "undefined.dcm#1": {2, 0}})
	checkStacks(t, env, cases, steps(bright, stack(5), small), map[string][]int{"": {2, 2, 1, 0, 0}, "undefined.dcm#1": {2, 2, 1, 0, 0}})
	checkStacks(t, env, cases, steps(SliceOrder{By: "position", Direction: "backward"}, bright, stack(2), small), map[string][]int{"": {0, 2}, "undefined.dcm#1": {0, 2}})
}

var (
	bright = Window{By: "maximum", Scope: "crop"}
	small  = Resize{Pixels: 4, Height: 4, By: "linear", Aspect: "crop"}
)

// checkStacks wants the frames of each case's channels, those of other cases at "".
func checkStacks(t *testing.T, env stage.Env, cases audit.Cases, cfg Config, frames map[string][]int) {
	t.Helper()
	images, err := Run(t.Context(), env, cfg, cases)
	if err != nil {
		t.Fatal(err)
	}
	defer images.Close()
	value := func(i, channel, row int) float64 { // the mean of the columns that are left
		sum := 0.0
		for x := range 4 {
			stored := float64(binary.LittleEndian.Uint16(images.Bytes(i)[2*(channel*16+row*4+x):])) / 65535
			if seen := float64(images.plane(i, channel)[row*4+x]); !(math.Abs(seen-stored) < 1e-6) {
				t.Errorf("channel %d shows %v, and holds %v", channel, seen, stored)
			}
			sum += stored
		}
		return sum / 4
	}
	// frameMean is the mean of the first four of five columns of a row of a frame, by hand.
	frameMean := func(frame, row int) float64 {
		sum, most := 0.0, 0.0
		for n := range 20 {
			v := float64(37*(20*frame+n)%4096)*float64(1+frame) - float64(frame)
			if most = max(most, v); n/5 == row && n%5 < 4 {
				sum += v
			}
		}
		return max(sum/4/most, 0)
	}
	for i, c := range images.Cases {
		want := frames[""]
		if own, ok := frames[c.ID]; ok {
			want = own
		}
		for channel, frame := range want {
			for row := range 4 {
				right := 0.0
				if frame >= 0 {
					right = frameMean(frame, row)
				}
				if got := value(i, channel, row); !(math.Abs(got-right) <= 1e-3) {
					t.Errorf("%s: channel %d, row %d is %.4f, want %.4f of frame %d", c.ID, channel, row, got, right, frame)
				}
			}
		}
	}
}
