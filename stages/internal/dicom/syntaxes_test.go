package dicom

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/internal/dicom/codec"
)

// syntaxCase is a line of testdata/syntaxes/cases.json; see make.py there.
type syntaxCase struct {
	File, Syntax string
	SameAs       string `json:"same_as"`
	Within       int32
}

func syntaxCases(t testing.TB) []syntaxCase {
	t.Helper()
	text, err := os.ReadFile("testdata/syntaxes/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []syntaxCase
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestEverySyntax compares one picture, as DCMTK, OpenJPEG and OpenJPH wrote it in
// every transfer syntax, with its native file.
func TestEverySyntax(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, test := range syntaxCases(t) {
		tried[test.Syntax] = true
		t.Run(test.File, func(t *testing.T) {
			t.Parallel()
			if err := codec.Usable(test.Syntax); err != nil && !native(test.Syntax) {
				t.Skip(err)
			}
			got, want := everyFrame(t, test.File), everyFrame(t, test.SameAs)
			if len(got) != len(want) {
				t.Fatalf("got %d frames, want %d", len(got), len(want))
			}
			for i := range got {
				if got[i].TransferSyntax != test.Syntax {
					t.Errorf("got syntax %s, want %s", got[i].TransferSyntax, test.Syntax)
				}
				if off, at := farthest(got[i].Values, want[i].Values); off > test.Within {
					t.Errorf("frame %d: pixel %d is %d off, want %d at most", i, at, off, test.Within)
				}
				if same := got[i].Hash() == want[i].Hash(); test.Within == 0 && !same {
					t.Errorf("frame %d: the hashes differ", i)
				}
			}
		})
	}
	for _, syntax := range append(codec.Syntaxes(), implicitLittle, explicitBig, deflatedLittle) {
		// The multi-component ones only let samples be more than three.
		if number := filepath.Ext(syntax); !tried[syntax] && number != ".92" && number != ".93" {
			t.Errorf("no file has transfer syntax %s", syntax)
		}
	}
}

func everyFrame(t *testing.T, file string) []Stored {
	t.Helper()
	path := filepath.Join("testdata/syntaxes", file)
	h, err := ReadHeader(path)
	if err == nil {
		err = h.CheckPixels()
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []Stored
	for i := range h.Frames {
		s, err := ReadFrame(path, i)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func farthest(a, b []int32) (off int32, at int) {
	if len(a) != len(b) {
		return 1 << 30, -1
	}
	for i := range a {
		if d := max(a[i]-b[i], b[i]-a[i]); d > off {
			off, at = d, i
		}
	}
	return off, at
}
