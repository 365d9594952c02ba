package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"vertebra/stages/stage"
)

// TestScripts runs whole commands.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"runner": runInScript, "pictures": pictures, "post": post},
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			if path, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok { // where libtorch may lie
				e.Setenv("LD_LIBRARY_PATH", path)
			}
			p := &scriptProcess{}
			e.Values[programName] = p
			e.Defer(p.stop)
			return nil
		},
	})
}

// pictures writes a data set as a newcomer has it: pictures FOLDER makes FOLDER/cases.csv,
// with patients p0 to p11 of two pictures each, grey ones of 8 and of 16 bits by turns,
// brighter for the label severe.
func pictures(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	table := "patient,image,grade,site\n"
	for i := range 24 {
		rect := image.Rect(0, 0, 24, 24)
		eight, sixteen := image.NewGray(rect), image.NewGray16(rect)
		for p := range 24 * 24 {
			v := uint8(stage.Hash(1, "picture", i, p) % 60)
			if p/24 > 8 && i/2%2 == 1 {
				v += 120
			}
			eight.SetGray(p%24, p/24, color.Gray{v})
			sixteen.SetGray16(p%24, p/24, color.Gray16{uint16(v) * 200})
		}
		name := fmt.Sprintf("p%d_%d.png", i/2, i%2)
		f, err := os.Create(filepath.Join(dir, name))
		ts.Check(err)
		if i%2 == 0 {
			ts.Check(png.Encode(f, eight))
		} else {
			ts.Check(png.Encode(f, sixteen))
		}
		ts.Check(f.Close())
		table += fmt.Sprintf("p%d,%s,%s,%s\n", i/2, name, []string{"mild", "severe"}[i/2%2], []string{"north", "south", "west"}[i/8])
	}
	ts.Check(os.WriteFile(filepath.Join(dir, "cases.csv"), []byte(table), 0o644))
}

// layers are the packages from the top down: each may import only what stands
// below it, and what its line allows of its own layer.
var layers = map[string][]string{
	"runner":                      {"experiments", "finished", "finished/asking", "finished/form", "finished/compare", "finished/ensemble", "finished/graph", "finished/methods", "finished/pack", "finished/predict", "finished/validate", "reports", "results", "stages/audit", "stages/augment", "stages/doctor", "stages/draft", "stages/evaluate", "stages/explain", "stages/export", "stages/index", "stages/locate", "stages/memory", "stages/model", "stages/outliers", "stages/packages", "stages/preprocess", "stages/pretrain", "stages/registry", "stages/stage", "stages/statistics", "stages/synth", "stages/train", "stages/unpack", "sweeps", "sweeps/queue", "sweeps/slurm"},
	"finished/compare":            {"experiments", "finished", "finished/validate", "reports", "results", "stages/audit", "stages/evaluate", "stages/stage", "stages/statistics"},
	"finished/validate":           {"experiments", "finished", "finished/ensemble", "finished/predict", "results", "stages/audit", "stages/evaluate", "stages/explain", "stages/model", "stages/registry", "stages/stage"},
	"finished/ensemble":           {"experiments", "finished", "results", "stages/audit", "stages/evaluate", "stages/explain", "stages/registry", "stages/stage"},
	"finished/graph":              {"experiments", "finished", "stages/audit", "stages/augment", "stages/evaluate", "stages/export", "stages/preprocess", "stages/registry", "stages/stage"},
	"finished/methods":            {"experiments", "results", "stages/audit", "stages/evaluate", "stages/model", "stages/registry", "stages/stage", "stages/train", "sweeps"},
	"finished/pack":               {"experiments", "finished", "results", "stages/audit", "stages/evaluate", "stages/locate", "stages/model", "stages/packages", "stages/preprocess", "stages/registry", "stages/stage", "stages/train"},
	"finished/asking":             {"finished", "finished/predict", "stages/audit", "stages/explain", "stages/index", "stages/preprocess", "stages/registry", "stages/stage"},
	"finished/form":               {"stages/stage"},
	"finished/predict":            {"experiments", "finished", "stages/audit", "stages/evaluate", "stages/explain", "stages/locate", "stages/memory", "stages/model", "stages/outliers", "stages/preprocess", "stages/stage", "stages/train"},
	"finished":                    {"experiments", "results", "stages/audit", "stages/evaluate", "stages/explain", "stages/locate", "stages/model", "stages/outliers", "stages/packages", "stages/preprocess", "stages/pretrain", "stages/stage", "stages/train"},
	"reports":                     {"results", "stages/diagnosis", "stages/stage", "stages/statistics"},
	"experiments":                 {"stages/audit", "stages/augment", "stages/evaluate", "stages/locate", "stages/model", "stages/preprocess", "stages/pretrain", "stages/registry", "stages/stage", "stages/train", "sweeps"},
	"sweeps/queue":                {"results", "stages/stage", "sweeps", "sweeps/slurm"},
	"sweeps/slurm":                {"stages/stage", "sweeps"},
	"sweeps":                      {"stages/registry", "stages/stage"},
	"results":                     {"stages/stage"},
	"stages/explain":              {"stages/internal/torch", "stages/internal/tsne", "stages/model", "stages/outliers", "stages/preprocess", "stages/stage", "stages/statistics"},
	"stages/outliers":             {"stages/internal/safetensors", "stages/internal/torch", "stages/stage"},
	"stages/export":               {"stages/augment", "stages/evaluate", "stages/internal/onnx", "stages/internal/torch", "stages/model", "stages/preprocess", "stages/stage", "stages/train"},
	"stages/evaluate":             {"stages/registry", "stages/stage", "stages/statistics"},
	"stages/diagnosis":            {"stages/stage"},
	"stages/locate":               {"stages/arrangement", "stages/audit", "stages/augment", "stages/internal/torch", "stages/model", "stages/preprocess", "stages/registry", "stages/stage", "stages/train"},
	"stages/pretrain":             {"stages/audit", "stages/augment", "stages/internal/safetensors", "stages/internal/torch", "stages/model", "stages/preprocess", "stages/registry", "stages/stage", "stages/train"},
	"stages/arrangement":          nil,
	"stages/statistics":           {"stages/stage"},
	"stages/train":                {"stages/augment", "stages/internal/safetensors", "stages/internal/torch", "stages/model", "stages/preprocess", "stages/registry", "stages/stage"},
	"stages/model":                {"stages/internal/download", "stages/internal/safetensors", "stages/internal/statedict", "stages/internal/torch", "stages/packages", "stages/preprocess", "stages/registry", "stages/stage"},
	"stages/augment":              {"stages/internal/torch", "stages/registry", "stages/stage"},
	"stages/preprocess":           {"stages/audit", "stages/internal/dicom", "stages/internal/kernel", "stages/internal/nifti", "stages/internal/raster", "stages/registry", "stages/stage"},
	"stages/draft":                {"stages/audit", "stages/index", "stages/internal/files", "stages/internal/headers", "stages/internal/naming", "stages/internal/places", "stages/internal/table", "stages/registry", "stages/stage"},
	"stages/audit":                {"stages/internal/dicom", "stages/internal/filecache", "stages/internal/files", "stages/internal/headers", "stages/internal/lookalike", "stages/internal/naming", "stages/internal/parallel", "stages/internal/places", "stages/internal/stratify", "stages/internal/table", "stages/registry", "stages/stage"},
	"stages/index":                {"stages/internal/dicom", "stages/internal/files", "stages/internal/parallel", "stages/internal/table", "stages/stage"},
	"stages/synth":                {"stages/stage"},
	"stages/unpack":               {"stages/internal/npy", "stages/stage"},
	"stages/packages":             {"stages/stage"},
	"stages/memory":               nil,
	"stages/doctor":               {"stages/internal/torch", "stages/stage"},
	"stages/internal/torch":       {"stages/internal/safetensors", "stages/stage"},
	"stages/internal/dicom":       {"stages/internal/dicom/codec", "stages/internal/kernel"},
	"stages/internal/download":    nil,
	"stages/internal/statedict":   {"stages/internal/safetensors"},
	"stages/internal/filecache":   {"stages/internal/files", "stages/stage"},
	"stages/internal/files":       {"stages/stage"},
	"stages/internal/headers":     {"stages/internal/dicom", "stages/internal/filecache", "stages/internal/files", "stages/internal/nifti", "stages/internal/parallel", "stages/internal/raster", "stages/stage"},
	"stages/internal/lookalike":   {"stages/internal/dicom", "stages/internal/headers", "stages/internal/kernel", "stages/internal/nifti", "stages/internal/raster", "stages/stage"},
	"stages/internal/naming":      {"stages/internal/files", "stages/internal/table", "stages/stage"},
	"stages/internal/parallel":    {"stages/stage"},
	"stages/internal/places":      {"stages/internal/files", "stages/internal/headers", "stages/internal/table", "stages/stage"},
	"stages/internal/stratify":    {"stages/stage"},
	"stages/internal/table":       {"stages/internal/files", "stages/internal/xlsx", "stages/registry", "stages/stage"},
	"stages/internal/kernel":      nil,
	"stages/internal/dicom/codec": {"stages/internal/chroma"},
	"stages/internal/raster":      {"stages/internal/chroma"},
	"stages/internal/chroma":      nil,
	"stages/internal/nifti":       nil,
	"stages/internal/npy":         nil,
	"stages/internal/xlsx":        nil,
	"stages/internal/tsne":        {"stages/stage"},
	"stages/internal/onnx":        nil,
	"stages/internal/parity":      nil,
	"stages/internal/testfiles":   {"stages/stage"},
	"stages/internal/safetensors": nil,
	"stages/registry":             nil,
	"stages/stage":                nil,
	"setup":                       nil,
}

// TestImports keeps the architecture's promise; gotch stays behind its wall, and
// SQL in results.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for name, paths := range importsOf(t, "..") {
		seen[name] = true
		allowed, known := layers[name]
		if !known {
			t.Errorf("package %s has no line here", name)
		}
		for _, path := range paths {
			ours, isOurs := strings.CutPrefix(path, "vertebra/")
			switch {
			case isOurs && !slices.Contains(allowed, ours):
				t.Errorf("%s must not import %s", name, ours)
			case strings.HasPrefix(path, "github.com/sugarme/gotch") && name != "stages/internal/torch":
				t.Errorf("%s must not import gotch", name)
			case path == "database/sql" && name != "results":
				t.Errorf("%s must not speak SQL", name)
			}
		}
	}
	for name := range layers {
		if !seen[name] {
			t.Errorf("there is no package %s", name)
		}
	}
}

// importsOf reads what the packages below a folder import, tests aside. It needs no go
// command: tests also run on machines that have none.
func importsOf(t *testing.T, root string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			out[filepath.ToSlash(folder)] = append(out[filepath.ToSlash(folder)], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
