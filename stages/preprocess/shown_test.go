package preprocess

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/stage"
)

// decoded is a file of testdata/shown behind decode.
func decoded(t *testing.T, file string) *Picture {
	t.Helper()
	p := &Picture{Case: stage.Case{Image: filepath.Join("testdata", "shown", file)}}
	if err := (Decode{Colour: "grey", Padding: "darkest"}).Apply(p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestShownLikePydicom: window by: tag shows what pydicom's apply_voi_lut does, by windows of each
// function and by tables, also where the smallest value is white; see testdata/make_shown.py. What is stored
// between steps shows the same.
func TestShownLikePydicom(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/shown.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]float64
	if err := json.Unmarshal(text, &all); err != nil || len(all) != 12 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	for file, want := range all {
		p := decoded(t, file)
		record, err := encodePicture(p.clone(), nil)
		if err != nil {
			t.Fatal(err)
		}
		again := &Picture{}
		if err := decodePicture(record[recordHead:], again); err != nil {
			t.Fatal(err)
		}
		for within, p := range map[float64]*Picture{2e-6: p, 3e-5: again} { // stored numbers are rounded to 16 bits
			if err := (Window{By: "tag", Number: 1}).Apply(p); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			for i, v := range p.Pixels {
				if math.Abs(float64(v)-want[i]) > within {
					t.Errorf("%s: pixel %d is %v, want %v", file, i, v, want[i])
					break
				}
			}
		}
	}
}

// TestShownFaults: what a file says wrongly of how it is shown or how large pixels are refuses nothing
// but the step that asks.
func TestShownFaults(t *testing.T) {
	t.Parallel()
	tag := Window{By: "tag", Number: 1}
	p := decoded(t, "nothing.dcm")
	if err := tag.Apply(p); err == nil || !strings.Contains(err.Error(), `WindowCenter (0028,1050) is "AUTO"; want numbers`) {
		t.Errorf("got %v", err)
	}
	if p.RowSpacing != 0 {
		t.Errorf("rows are %v mm apart", p.RowSpacing)
	}
	if err := (Window{By: "min_max", Scope: "crop"}).Apply(p); err != nil {
		t.Error(err)
	}
	for want, shown := range map[string]dicom.Shown{
		"neither WindowCenter and WindowWidth nor a VOILUTSequence": {},
		"WindowWidth is 1; want more than 1 for LINEAR":             {Windows: []dicom.Window{{Function: "LINEAR", Width: 1}}},
		"WindowWidth is 0; want more than 0 for SIGMOID":            {Windows: []dicom.Window{{Function: "SIGMOID"}}},
		"WindowWidth is -1; want more than 0 for LINEAR_EXACT":      {Windows: []dicom.Window{{Function: "LINEAR_EXACT", Width: -1}}},
	} {
		p := ramp(3, 3)
		p.Shown = shown
		if err := tag.Apply(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	p = ramp(3, 3)
	p.Shown.Windows = []dicom.Window{{Function: "LINEAR", Width: 9}, {Function: "SIGMOID", Center: float64(p.Pixels[4]), Width: 2}}
	if err := (Window{By: "tag", Number: 9}).Apply(p); err != nil || p.Pixels[4] != 0.5 {
		t.Errorf("the last window gives %v, %v", p.Pixels[4], err)
	}
}

// TestSpacingOfProjections: where PixelSpacing says nothing that of the detector counts, less what
// is magnified, or that of the scanned film.
func TestSpacingOfProjections(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][2]float64{"detector.dcm": {0.08, 0.16}, "film.dcm": {0.05, 0.05}} {
		if p := decoded(t, file); p.RowSpacing != want[0] || p.ColumnSpacing != want[1] {
			t.Errorf("%s: got %v and %v mm", file, p.RowSpacing, p.ColumnSpacing)
		}
		h, err := dicom.ReadHeader(filepath.Join("testdata", "shown", file))
		if err != nil || !h.AtDetector || !slices.Equal(h.PixelSpacing, want[:]) {
			t.Errorf("%s: got %v, %v, %v", file, h.PixelSpacing, h.AtDetector, err)
		}
	}
}
