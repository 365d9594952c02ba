package preprocess

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/stage"
)

// TestNeighboursAreWrittenAtOnce fills slots in no order, with gaps between them.
func TestNeighboursAreWrittenAtOnce(t *testing.T) {
	t.Parallel()
	layout := Layout{Shape: Shape{1, 1, 3}, BytesPerPixel: 1}
	s, err := newStore(t.Context(), stage.Env{Cache: t.TempDir(), Recorder: stage.Discard}, "request", layout, 9)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	var b batch
	for _, slot := range []int{7, 2, 3, 0, 4} {
		m := made{slot: slot, data: b.memory(3), row: row{Key: key{1, byte(slot)}, Sum: uint64(slot)}}
		copy(m.data, []byte{byte(slot), byte(slot) + 100, 9})
		b.add(m)
	}
	if err := s.write(b.images); err != nil {
		t.Fatal(err)
	}
	for slot := range 9 {
		want := slot == 0 || slot >= 2 && slot <= 4 || slot == 7
		r, got := s.has(slot, key{1, byte(slot)})
		data := make([]byte, 3)
		if _, err := s.file.ReadAt(data, s.slotAt(slot)); err != nil {
			t.Fatal(err)
		}
		if got != want || want && (r.Sum != uint64(slot) || !bytes.Equal(data, []byte{byte(slot), byte(slot) + 100, 9})) {
			t.Errorf("slot %d: got %v with %v and %+v", slot, got, data, r)
		}
	}
}

// TestWaitingResults asks for results before and after they are written.
func TestWaitingResults(t *testing.T) {
	t.Parallel()
	r, err := openResults(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	freed := 0
	r.free = func([]byte) { freed++ }
	if err := r.begin("request", "about"); err != nil {
		t.Fatal(err)
	}
	const all = batchPieces + 3
	record := func(i int) []byte { return append(make([]byte, recordHead), bytes.Repeat([]byte{byte(i)}, i+1)...) }
	found := func(when string) {
		t.Helper()
		for i := range all {
			if got, want := r.get(key{byte(i)}), record(i)[recordHead:]; !bytes.Equal(got, want) {
				t.Fatalf("%s: result %d is %v, want %v", when, i, got, want)
			}
		}
	}
	for i := range all {
		if err := r.add(key{byte(i)}, record(i)); err != nil {
			t.Fatal(err)
		}
		if err := r.flushSome(); err != nil {
			t.Fatal(err)
		}
	}
	if found("three wait"); freed != batchPieces {
		t.Errorf("%d records were written, want %d", freed, batchPieces)
	}
	if err := r.flush(); err != nil {
		t.Fatal(err)
	}
	found("none waits")
	again, err := openPack(filepath.Join(r.path, "request"+packSuffix))
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if r = again; len(r.at) != all {
		t.Errorf("the pack has %d results, want %d", len(r.at), all)
	}
	found("read from the pack")
}

// TestLostResult has the disk fail under a result, which then counts as not stored.
func TestLostResult(t *testing.T) {
	t.Parallel()
	r, err := openResults(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.free = func([]byte) {}
	if err := r.begin("request", "about"); err != nil {
		t.Fatal(err)
	}
	r.own.Close()
	for i := range 2 {
		if err := r.add(key{byte(i)}, make([]byte, recordHead+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.flush(); err == nil {
		t.Error("a closed file took results")
	}
	if r.get(key{1}) != nil || r.has(key{1}) {
		t.Error("a result that was not written is there")
	}
}

// TestWriteParts writes more than one part, of which some are empty.
func TestWriteParts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, parts := range [][][]byte{{[]byte("ab"), nil, []byte("cde")}, {[]byte("f")}, nil} {
		if err := writeParts(f, parts, 1+5*int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "\x00abcdef" {
		t.Errorf("got %q, %v", got, err)
	}
}
