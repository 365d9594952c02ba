package synth

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// A file says what it is, consistently.
func TestFileTags(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, tiny)
	files, _ := filepath.Glob(filepath.Join(dir, "train_images", "*", "*", "*.dcm"))
	seen := map[string]bool{}
	for _, path := range files {
		set, err := dicom.ParseFile(path, nil, dicom.SkipPixelData())
		if err != nil {
			t.Fatal(err)
		}
		text := func(k tag.Tag) string { return first[string](t, set, k) }
		if got, want := text(tag.InstanceNumber)+".dcm", filepath.Base(path); got != want {
			t.Errorf("%s: InstanceNumber gives %s", path, got)
		}
		instance := text(tag.SOPInstanceUID)
		if instance != text(tag.MediaStorageSOPInstanceUID) || seen[instance] || len(instance) > 64 || !strings.HasPrefix(instance, "2.25.") {
			t.Errorf("%s: SOPInstanceUID %s is not unique or not well formed", path, instance)
		}
		seen[instance] = true
		study := filepath.Base(filepath.Dir(filepath.Dir(path)))
		if got := text(tag.PatientID); got != "synth-"+study {
			t.Errorf("%s: PatientID %s", path, got)
		}
		for _, e := range set.Elements {
			if e.RawValueRepresentation != "DS" {
				continue
			}
			for _, v := range e.Value.GetValue().([]string) {
				if _, err := strconv.ParseFloat(v, 64); err != nil || len(v) > 16 {
					t.Errorf("%s: %v holds %q, want a number of at most 16 characters", path, e.Tag, v)
				}
			}
		}
	}
}

// A series of signed numbers holds negative ones, whichever way its high bits
// are filled; and 12-bit series stay within 12 bits.
func TestStoredNumbers(t *testing.T) {
	t.Parallel()
	s := newStudies(tiny.filled())[0]
	for _, signed := range []bool{false, true} {
		for _, stored := range []int{12, 16} {
			se := *s.series[0]
			se.signed, se.stored, se.gain, se.offset, se.inverted = signed, stored, 900, 20, false
			if signed {
				se.offset = -200
			}
			var values [2][]int
			for i := range values {
				se.unfilled = i == 1
				values[i] = unpack(s.pixels(&se, se.slices[3], new(grain)), stored, signed)
			}
			low, high := se.limits()
			least, most := slices.Min(values[0]), slices.Max(values[0])
			if float64(least) < low || float64(most) > high || (least < 0) != signed {
				t.Errorf("signed %v, %d bits: numbers from %d to %d", signed, stored, least, most)
			}
			if !slices.Equal(values[0], values[1]) {
				t.Errorf("signed %v, %d bits: the high bits change the numbers", signed, stored)
			}
		}
	}
}

// unpack reads numbers by their stored bits only, as PS3.5, 8.1.1 has it.
func unpack(raw []byte, stored int, signed bool) []int {
	var out []int
	for i := 0; i < len(raw); i += 2 {
		v := (int(raw[i]) | int(raw[i+1])<<8) & (1<<stored - 1)
		if signed && v >= 1<<(stored-1) {
			v -= 1 << stored
		}
		out = append(out, v)
	}
	return out
}

// The place where the body's frame begins lies in the patient where the slice is, for every
// orientation, however the body lies in the picture; and the directions are those of a plane.
func TestGeometry(t *testing.T) {
	t.Parallel()
	body := newStudies(tiny.filled())[0].body
	for _, k := range []kind{sagittalT1, axialT2} {
		for _, tilt := range []float64{0, 15} {
			for _, lying := range []pose{{cos: 1}, {sin: 0.6, cos: 0.8, u: 4, v: -3}} {
				se := &series{kind: k, look: look{pose: lying}}
				sl := &slice{rows: 101, columns: 51, rowSpacing: 0.5, columnSpacing: 0.8, place: 7, level: 4, tilt: tilt}
				p, o := body.geometry(se, sl)
				want := [3]float64{7, 0, 0}
				if k == axialT2 {
					back, _ := body.bend(body.depth(4))
					want = [3]float64{0, back, -7}
				}
				u, v := lying.toPicture(0, 0)
				for i := range 3 {
					at := p[i] + o[i]*(u+25*0.8) + o[3+i]*(v+50*0.5) - body.origin[i]
					if !(math.Abs(at-want[i]) <= 1e-9) {
						t.Errorf("%v, tilt %v, pose %v: the body's coordinate %d is %v, want %v", k, tilt, lying, i, at, want[i])
					}
				}
				along, down := math.Sqrt(o[0]*o[0]+o[1]*o[1]+o[2]*o[2]), math.Sqrt(o[3]*o[3]+o[4]*o[4]+o[5]*o[5])
				if across := o[0]*o[3] + o[1]*o[4] + o[2]*o[5]; !(math.Abs(along-1)+math.Abs(down-1)+math.Abs(across) <= 1e-9) {
					t.Errorf("%v, tilt %v, pose %v: lengths %v and %v, product %v", k, tilt, lying, along, down, across)
				}
			}
		}
	}
}

func TestRebendInvertsUnbend(t *testing.T) {
	t.Parallel()
	for _, s := range newStudies(Options{Seed: 2, Studies: 6}.filled()) {
		for l := range levels {
			want := [2]float64{canalMiddle, s.body.depth(l)}
			y, v := s.body.rebend(want[0], want[1])
			tt, w := s.body.unbend(y, v)
			if !(math.Hypot(tt-want[0], w-want[1]) <= 0.01) {
				t.Errorf("%s: came back to %v, want %v", levels[l], fmt.Sprint(tt, w), want)
			}
		}
	}
}
