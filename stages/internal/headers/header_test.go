package headers

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestHeadRecord(t *testing.T) {
	t.Parallel()
	five := -5
	for _, want := range []*Header{
		{}, {Format: "png", Rows: 3, Columns: 4},
		{Format: "dicom", Rows: 320, Columns: 320, PixelSpacing: []float64{0.5, 0.25}, SliceSpacing: true, Position: []float64{-1, 2, 1e9}, Orientation: []float64{1, 0, 0, 0, 1, 0},
			Instance: &five, PatientID: "p", Said: "PatientSex\x01F\x02", SeriesUID: "1.2", BurnedIn: true, Coloured: true, Bytes: true, Identifying: []string{"PatientName", ""}, Private: 7, Err: "cut off"},
	} {
		for _, like := range []*Header{{}, want, {Format: "x", PixelSpacing: []float64{0.5, 0.75}, Position: []float64{}}} {
			got := &Header{}
			if !got.parse(want.record(), like) || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}

// headersOf reads the headers of files, with a cache.
func headersOf(t *testing.T, env stage.Env, paths []string) ByPath {
	t.Helper()
	r := Open(env)
	if err := errors.Join(r.Add(t.Context(), paths), r.Save()); err != nil {
		t.Fatal(err)
	}
	return r.Headers
}

// TestHeadersAreRemembered reads a changed file again, an unchanged one not.
func TestHeadersAreRemembered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := stage.Env{Recorder: stage.Discard, Workers: 2, Cache: t.TempDir()}
	for _, name := range []string{"a.png", "b.png"} {
		var content bytes.Buffer
		if err := png.Encode(&content, image.NewGray(image.Rect(0, 0, 20, 16))); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name), content.String())
	}
	paths := []string{filepath.Join(dir, "a.png"), filepath.Join(dir, "b.png"), filepath.Join(dir, "none.png")}
	first := headersOf(t, env, paths)
	if first[paths[0]].Columns != 20 || !first[paths[2]].Missing {
		t.Errorf("got %+v", first)
	}
	// Same size and time with other content: the cache cannot know, and so proves
	// that it is asked. Another time: the file is read again.
	for _, path := range paths[:2] {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		put(t, path, string(make([]byte, info.Size())))
		at := info.ModTime()
		if path == paths[1] {
			at = at.Add(time.Second)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	second := headersOf(t, env, paths)
	if !reflect.DeepEqual(second[paths[0]], first[paths[0]]) || second[paths[1]].Err == "" {
		t.Errorf("got %+v, want the first as before and the second broken", second)
	}
}

// FuzzHeader wants a header or none from whatever a record holds, and the same again.
func FuzzHeader(f *testing.F) {
	h := &Header{Format: "dicom", Rows: 3, PixelSpacing: []float64{1, 1}, Identifying: []string{"x"}}
	f.Add(h.record())
	f.Fuzz(func(t *testing.T, record []byte) {
		read, again := &Header{}, &Header{}
		if !read.parse(record, h) {
			return
		}
		if !again.parse(read.record(), &Header{}) || fmt.Sprint(again.record()) != fmt.Sprint(read.record()) {
			t.Errorf("got %+v, want %+v", again, read)
		}
	})
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSlices: numbers of files begin anywhere and have gaps, and other files are none.
func TestSlices(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"10.dcm", "9.dcm", "-1.dcm", "x.dcm", "11.png"} {
		put(t, filepath.Join(dir, name), "no DICOM")
	}
	if err := os.Mkdir(filepath.Join(dir, "12.dcm"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := Open(stage.Env{Recorder: stage.Discard, Workers: 1})
	lists, err := r.Folders(t.Context(), []string{dir, filepath.Join(dir, "none")})
	if err != nil || len(lists) != 2 || len(lists[1]) != 0 {
		t.Fatalf("got %v, %v", lists, err)
	}
	var numbers []int
	for _, s := range lists[0] {
		if numbers = append(numbers, s.Instance); r.Headers[s.Path].Err == "" {
			t.Errorf("%s is said to be an image", s.Path)
		}
	}
	if want := []int{-1, 9, 10, 12}; !slices.Equal(numbers, want) {
		t.Errorf("got %v, want %v", numbers, want)
	}
}

// TestNamesOfOtherEncodings: a name that no result could hold is told, and not read.
func TestNamesOfOtherEncodings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "\xe4.png")
	put(t, path, "")
	got := headersOf(t, stage.Env{Recorder: stage.Discard, Workers: 1}, []string{path})[path]
	if got.Missing || !strings.Contains(got.Err, "\ufffd.png: its name is no UTF-8 text; give it another") {
		t.Errorf("got %+v", got)
	}
}
