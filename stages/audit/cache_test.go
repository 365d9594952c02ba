package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestHeadRecord(t *testing.T) {
	t.Parallel()
	five := -5
	for _, want := range []*head{
		{}, {Format: "png", Rows: 3, Columns: 4},
		{Format: "dicom", Rows: 320, Columns: 320, PixelSpacing: []float64{0.5, 0.25}, SliceSpacing: true, Position: []float64{-1, 2, 1e9}, Orientation: []float64{1, 0, 0, 0, 1, 0},
			Instance: &five, PatientID: "p", Said: "PatientSex\x01F\x02", SeriesUID: "1.2", BurnedIn: true, Identifying: []string{"PatientName", ""}, Private: 7, Err: "cut off"},
	} {
		for _, like := range []*head{{}, want, {Format: "x", PixelSpacing: []float64{0.5, 0.75}, Position: []float64{}}} {
			got := &head{}
			if !got.parse(want.record(), like) || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
}

// heads reads the headers of files, with a cache.
func heads(t *testing.T, env stage.Env, paths []string) headers {
	t.Helper()
	r := newHeadReader(env, headCache(env))
	if err := errors.Join(r.add(t.Context(), paths), r.save()); err != nil {
		t.Fatal(err)
	}
	return r.heads
}

// TestHeadersAreRemembered reads a changed file again, an unchanged one not.
func TestHeadersAreRemembered(t *testing.T) {
	t.Parallel()
	dir := pictures(t, 2)
	env := environment(stage.Discard)
	env.Cache = t.TempDir()
	paths := []string{filepath.Join(dir, "a.png"), filepath.Join(dir, "b.png"), filepath.Join(dir, "none.png")}
	first := heads(t, env, paths)
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
		write(t, path, string(make([]byte, info.Size())))
		at := info.ModTime()
		if path == paths[1] {
			at = at.Add(time.Second)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	second := heads(t, env, paths)
	if !reflect.DeepEqual(second[paths[0]], first[paths[0]]) || second[paths[1]].Err == "" {
		t.Errorf("got %+v, want the first as before and the second broken", second)
	}
}

// TestCacheKeepsAllWriters has many writers add to one file at once.
func TestCacheKeepsAllWriters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			c := openCache(dir, "x.bin", "m\n")
			if err := c.add(news{[]string{fmt.Sprint(i)}, func(int) []byte { return []byte("record") }}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := len(openCache(dir, "x.bin", "m\n").known); got != 16 {
		t.Errorf("got %d records, want 16", got)
	}
	if got := openCache(dir, "x.bin", "n\n").known; got != nil {
		t.Errorf("got %v for another version, want nothing", got)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("got %v and %v, want the file and its lock alone", left, err)
	}
}

// FuzzCache wants records or an error from whatever lies in the file.
func FuzzCache(f *testing.F) {
	h := &head{Format: "dicom", Rows: 3, PixelSpacing: []float64{1, 1}, Identifying: []string{"x"}}
	var file bytes.Buffer
	if err := writeCache(&file, headMagic, map[string][]byte{"a": h.record()}, news{}); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes(), h.record())
	f.Fuzz(func(t *testing.T, file, record []byte) {
		known, err := parseCache(file, headMagic)
		if err == nil {
			for _, r := range known {
				(&head{}).parse(r, h)
			}
		}
		read, again := &head{}, &head{}
		if !read.parse(record, h) {
			return
		}
		if !again.parse(read.record(), &head{}) || fmt.Sprint(again.record()) != fmt.Sprint(read.record()) {
			t.Errorf("got %+v, want %+v", again, read)
		}
	})
}
