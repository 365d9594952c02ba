package train

import (
	"reflect"
	"testing"

	"vertebra/stages/internal/torch"
)

// TestFeedsBringTheSameImages compares every feed with the memory map itself, also
// when an announcement is dropped half-way for another.
func TestFeedsBringTheSameImages(t *testing.T) {
	b := newBench(t)
	var resident, streamed feed
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		resident, streamed = newResident(s, b.images), newStream(s, b.images, 8)
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	for i := range b.images.Len() {
		order = append(order, (i*7+3)%b.images.Len())
	}
	all := batches(order, 8, 1)
	for name, f := range map[string]feed{"mapped": &mapped{images: b.images}, "resident": resident, "streamed": streamed} {
		f.begin(all)
		b.read(t, f)
		f.begin(all)
		for n, items := range all {
			var want []float32
			for _, i := range items {
				for p := 0; p < len(b.images.Bytes(i)); p += b.images.BytesPerPixel() {
					v := uint32(b.images.Bytes(i)[p])
					if b.images.BytesPerPixel() == 2 {
						v |= uint32(b.images.Bytes(i)[p+1]) << 8
					}
					want = append(want, float32(v)*b.images.Scale())
				}
			}
			if got := b.read(t, f); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: batch %d differs from the memory map", name, n)
			}
		}
		if err := f.close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (b bench) read(t *testing.T, f feed) (pixels []float32) {
	t.Helper()
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error { pixels = s.Float32s(f.next(s)); return s.Err() })
	if err != nil {
		t.Fatal(err)
	}
	return pixels
}
