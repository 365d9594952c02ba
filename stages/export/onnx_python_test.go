package export

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

var python = flag.String("python", "", "a Python with torch, onnx, onnxruntime and numpy: exports every backbone, and compares what they make of the files")

// TestInPython exports all cases and one net of each backbone with drawn weights, and lets
// check.py run the files: onnx.checker, onnxruntime and torch.jit, on batches of 1 and 3,
// beside the numbers of the nets. It prints the table of docs/export.md.
func TestInPython(t *testing.T) {
	if *python == "" {
		t.Skip("make test-onnx gives -python")
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) { inPython(t, name, request(t, func(r *tiny) { cases[name](t, r) })) })
	}
	for _, name := range model.Backbones.Names() {
		if name == "convnet" { // the cases have it
			continue
		}
		t.Run(name, func(t *testing.T) {
			inPython(t, name, request(t, func(r *tiny) {
				r.Model.Backbone = part(t, model.Backbones, name)
				r.Model.Input = model.InputOf(r.Model.Backbone.Part)
				r.Layout.Shape = pictureFor(r.Model, 64)
			}))
		})
	}
}

// inPython exports a request into a folder, with images and what the nets say of them, and
// compares.
func inPython(t *testing.T, name string, r Request) {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"net.pt", "net.onnx"} {
		if _, err := Write(t.Context(), stage.Env{}, r, filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	e := beside(t, r)
	err := e.do(t.Context(), func(s *torch.Scope) error {
		for _, batch := range []int64{1, 3} {
			s.NoGrad(func() {
				x := e.random(s, batch)
				p, z := e.answers(s, x)
				parts := map[string]torch.Tensor{probabilitiesName: p, logitsName: z}
				for i, name := range e.inputs() {
					parts[name] = x.tensors()[i]
				}
				for part, y := range parts {
					s.Fail(os.WriteFile(filepath.Join(dir, part+string(rune('0'+batch))+".f32"), s.Bytes(y), 0o644))
				}
			})
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), *python, "testdata/check.py", dir, name).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
		return
	}
	t.Log(strings.TrimSpace(string(out)))
}
