package filecache

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"testing"
)

// TestCacheKeepsAllWriters has many writers add to one file at once.
func TestCacheKeepsAllWriters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			c := Open(dir, "x.bin", "m\n")
			if err := c.Add([]string{fmt.Sprint(i)}, func(int) []byte { return []byte("record") }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := len(Open(dir, "x.bin", "m\n").known); got != 16 {
		t.Errorf("got %d records, want 16", got)
	}
	if got := Open(dir, "x.bin", "n\n").known; got != nil {
		t.Errorf("got %v for another version, want nothing", got)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("got %v and %v, want the file and its lock alone", left, err)
	}
}

// FuzzCache wants records or an error from whatever lies in the file, and that another
// writer keeps what was read.
func FuzzCache(f *testing.F) {
	const magic = "m 1\n"
	var file bytes.Buffer
	if err := write(&file, magic, map[string][]byte{"a": []byte("record"), "b": nil}, news{}); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		known, err := parse(file, magic)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := write(&again, magic, known, news{}); err != nil {
			t.Fatal(err)
		}
		if got, err := parse(again.Bytes(), magic); err != nil || fmt.Sprint(got) != fmt.Sprint(known) {
			t.Errorf("got %q, %v, want %q", got, err, known)
		}
	})
}
