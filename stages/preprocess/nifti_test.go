package preprocess

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// volume is a NIfTI file of slices of 6×5 pixels, whose value tells slice, row and column;
// axial, as most are: columns run to the right, rows to the front.
func volume(slices int) []byte {
	b := make([]byte, 352)
	o := binary.LittleEndian
	o.PutUint32(b, 348)
	for i, n := range []uint16{3, 6, 5, uint16(slices)} {
		o.PutUint16(b[40+2*i:], n)
	}
	o.PutUint16(b[70:], 512)
	float := func(at int, v float32) { o.PutUint32(b[at:], math.Float32bits(v)) }
	float(108, 352)
	o.PutUint16(b[254:], 1)
	for i, spacing := range []float32{2, 3, 4} {
		float(80+4*i, spacing)
		float(280+16*i+4*i, spacing)
	}
	copy(b[344:], "n+1\x00")
	for k := range slices {
		for j := range 5 {
			for i := range 6 {
				b = o.AppendUint16(b, uint16(100*k+10*j+i))
			}
		}
	}
	return b
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestVolumes: a volume is a series of its slices, turned as radiology shows them, zipped or
// not; a row of a table may name one slice.
func TestVolumes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	table := "patient,image,grade\n"
	for i := range 4 {
		data, name := volume(7), fmt.Sprintf("p%d.nii", i)
		if i%2 == 1 {
			data, name = zipped(t, data), name+".gz"
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		table += fmt.Sprintf("%d,%s,%d\n", i, name, i/2)
	}
	path := filepath.Join(dir, "cases.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	data := audit.Default
	data.Source = registry.One[audit.Source]{Name: "table", Part: audit.Table{File: registry.Path(path), Group: "patient", Image: "image", Labels: []string{"grade"}}}
	data.Split.Validation = 0.5
	cases, err := audit.Run(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 2}, data)
	if err != nil || len(cases.Cases) != 4 {
		t.Fatal(len(cases.Cases), err)
	}
	images, _ := bench{dir, cases}.run(t, t.TempDir(), 2, steps(
		Window{By: "range", Range: [2]float64{0, 65535}}, Stack{Slices: 7, Reach: "series"}, Resize{Pixels: 6, Height: 5, By: "nearest"}))
	if images.Len() != 4 || images.Shape() != (Shape{7, 5, 6}) {
		t.Fatalf("%d images of %v", images.Len(), images.Shape())
	}
	for n := range images.Len() {
		raw := images.Bytes(n)
		for k := range 7 {
			for y := range 5 {
				for x := range 6 {
					at := ((k*5+y)*6 + x) * 2
					if got, want := binary.LittleEndian.Uint16(raw[at:]), uint16(100*k+10*(4-y)+5-x); got != want {
						t.Fatalf("image %d: slice %d, row %d, column %d is %d, want %d", n, k, y, x, got, want)
					}
				}
			}
		}
	}
}
