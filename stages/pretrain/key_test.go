package pretrain

import (
	"path/filepath"
	"testing"

	"vertebra/stages/internal/testfiles"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// TestKeyNamesWhatCounts: whatever changes the weights is another pretraining, and nothing else is.
func TestKeyNamesWhatCounts(t *testing.T) {
	dir := stripes(t)
	w := newWorld(t, dir, "run", nil)
	w.gather(t)
	key := func(change func(r *run)) string {
		r := &run{env: w.env, Job: w.job}
		r.images, _ = w.job.Material.InFold(0)
		change(r)
		key, err := r.key()
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	plain := key(func(*run) {})
	for name, change := range map[string]func(*run){
		"seed": func(r *run) { r.env.Seed++ }, "threads": func(r *run) { r.env.Threads++ }, "program": func(r *run) { r.Machine = []string{"other"} },
		"epochs": func(r *run) { r.Config.Epochs++ }, "temperature": func(r *run) { r.Config.Method.Part = SimCLR{Temperature: 0.3, Hidden: 16, Projection: 8} },
		"recipe": func(r *run) { r.Config.Augment = r.Config.Augment[:1] }, "precision": func(r *run) { r.Train.Compute.Precision = "bf16" },
		"backbone": func(r *run) { r.Model.Backbone.Part = model.ConvNet{Widths: []int{8, 17}} }, "input": func(r *run) { r.Model.Input.Mean = []float64{0.4} },
		"images": func(r *run) { r.images = r.images.Only(func(i int) bool { return i > 0 }) },
	} {
		if key(change) == plain {
			t.Errorf("%s changes nothing", name)
		}
	}
	for name, change := range map[string]func(*run){
		"head": func(r *run) { r.Model.Head = layers(1, 4) }, "loss": func(r *run) { r.Train.Loss = part(train.Losses, "focal") }, "classes": func(r *run) { r.Task.Each = 5 },
		"lora": func(r *run) { r.Model.Lora = &model.Lora{Rank: 2} }, "place of images": func(r *run) { r.Config.Images = nil }, "batch": func(r *run) { r.Train.Batch = 3 },
	} {
		if key(change) != plain {
			t.Errorf("%s of the training counts, though no weight depends on it", name)
		}
	}
	begun := func(content, name string) string {
		path := filepath.Join(dir, name)
		testfiles.Write(t, path, content)
		return key(func(r *run) {
			r.Model.Backbone.Part = model.ConvNet{Widths: []int{8, 16}, Weights: registry.Path(path)}
		})
	}
	if a, b := begun("weights", "a.safetensors"), begun("weights", "b.safetensors"); a != b || a == plain || begun("others", "a.safetensors") == a {
		t.Error("first weights do not count by what they are, wherever they lie")
	}
}
