package dicom

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// TestValuesLikeLibrary holds every wanted element of every fixture against what
// github.com/suyashkumar/dicom reads.
func TestValuesLikeLibrary(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/*.dcm")
	more, _ := filepath.Glob("testdata/syntaxes/*.dcm")
	compared := 0
	for _, path := range append(files, more...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, err := scan(&source{size: int64(len(data)), bytes: data})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		set, err := byLibrary(data)
		if err != nil {
			continue // it reads fewer files
		}
		ours := &tags{elements: found.elements, order: found.order}
		for at := range wanted {
			e, err := set.FindElementByTag(at)
			if err != nil {
				if _, there := ours.find(at); there {
					t.Errorf("%s: %s is there, the library has none", path, name(at))
				}
				continue
			}
			compared++
			if got, want := ours.shown(at), library(e); got != want {
				t.Errorf("%s: %s is %s, the library says %s", path, name(at), got, want)
			}
		}
	}
	if compared < 500 {
		t.Errorf("%d elements were compared, want 500 and more", compared)
	}
}

func byLibrary(data []byte) (set dicom.Dataset, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return dicom.Parse(bytes.NewReader(data), int64(len(data)), nil, dicom.SkipPixelData(), dicom.AllowUnknownSpecificCharacterSet())
}

func (t *tags) shown(at tag.Tag) string {
	if v := t.integers(at); v != nil {
		return fmt.Sprint(v)
	}
	if v := t.floats(at); v != nil {
		return fmt.Sprint(v)
	}
	return strings.Join(t.words(at), `\`)
}

func library(e *dicom.Element) string {
	words, isText := e.Value.GetValue().([]string)
	if !isText {
		return fmt.Sprint(e.Value.GetValue())
	}
	for i, w := range words {
		words[i] = strings.Trim(w, " \x00")
	}
	return strings.Trim(strings.Join(words, `\`), `\`)
}

// TestReadsNamesOfOtherLetters is one of ISO_IR 100, and one that only an escape
// sequence makes Japanese.
func TestReadsNamesOfOtherLetters(t *testing.T) {
	t.Parallel()
	for set, test := range map[string]struct{ raw, want string }{
		"ISO_IR 100":        {"M\xfcller ", "Müller"},
		"ISO_IR 192":        {"M\xc3\xbcller", "Müller"},
		"\\ISO 2022 IR 87 ": {"\x1b$B;3ED\x1b(B", "山田"},
		"KLINGON ":          {"M\xfcller ", "M\xfcller"},
	} {
		data := sample{rows: 2, columns: 2, extra: append(element(0x08, 0x05, "CS", []byte(set)), element(0x10, 0x20, "LO", []byte(test.raw))...)}.bytes()
		h, err := DecodeHeader("a.dcm", data)
		if err != nil || h.PatientID != test.want {
			t.Errorf("%s: got %q, %v; want %q", set, h.PatientID, err, test.want)
		}
	}
}
