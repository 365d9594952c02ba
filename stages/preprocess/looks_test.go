package preprocess

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// TestOnePassOverPixels takes the images away once they are preprocessed: what the
// audit finds by pixels is all the same.
func TestOnePassOverPixels(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{"series": usual, "images": steps(Resize{Pixels: 16}, byCrop)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: 4, Size: 64, Defects: []string{"blank_slice", "copied_image"}}); err != nil {
				t.Fatal(err)
			}
			data := audit.Default
			data.Source = registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(root)}}
			data.Split.Validation = 0.34
			env := func() stage.Env { return stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2, Seed: 5} }
			want, err := audit.Look(t.Context(), env(), data)
			if err != nil {
				t.Fatal(err)
			}
			once := env()
			cases, err := audit.Begin(t.Context(), once, data)
			if err != nil {
				t.Fatal(err)
			}
			images, err := Run(t.Context(), once, cfg, cases)
			if err != nil {
				t.Fatal(err)
			}
			defer images.Close()
			if err := os.RemoveAll(filepath.Join(root, "train_images")); err != nil {
				t.Fatal(err)
			}
			got, err := cases.Look(t.Context(), once)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.All(), want.All()) {
				t.Errorf("got %v, want %v", got.All(), want.All())
			}
			found := map[string]bool{}
			for _, f := range got.All() {
				found[f.ID] = true
			}
			if !found["blank_image"] || !found["duplicate_image"] {
				t.Errorf("got %v, want a blank and a duplicate image among them", got.All())
			}
		})
	}
}
