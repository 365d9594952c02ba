package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestVolumesAreSeries: a NIfTI file is a series of its slices, whose pixels the audit sees;
// one that is cut off is told.
func TestVolumesAreSeries(t *testing.T) {
	t.Parallel()
	dir, table := t.TempDir(), "patient,image,grade\n"
	for i, name := range []string{"axial_ras.nii", "sagittal.nii", "coronal_q.nii.gz", "axial_lps.nii.gz", "cut.nii"} {
		from := name
		if name == "cut.nii" {
			from = "coronal.nii"
		}
		data, err := os.ReadFile(filepath.Join("../internal/nifti/testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		if name == "cut.nii" {
			data = data[:len(data)-8]
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		table += string(rune('a'+i)) + "," + name + "," + string(rune('0'+i%2)) + "\n"
	}
	table += "a,axial_ras.nii#2,0\n"
	path := filepath.Join(dir, "cases.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(path), Group: "patient", Image: "image", Labels: []string{"grade"}}}
	cfg.Split.Validation = 0.4
	env := stage.Env{Recorder: stage.Discard, Workers: 2, Cache: t.TempDir()}
	begun, err := Begin(t.Context(), env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	got, err := begun.Look(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	slices := map[string]int{}
	for _, c := range got.Cases {
		slices[filepath.Base(c.Image)] = len(c.Images)
	}
	if want := map[string]int{"axial_ras.nii#2": 0, "sagittal.nii#2": 2, "coronal_q.nii.gz#2": 2, "axial_lps.nii.gz#2": 2}; len(got.Cases) != 5 || len(slices) != len(want) {
		t.Errorf("%d cases, slices %v, want 5 and %v", len(got.Cases), slices, want)
	}
	for name, n := range slices {
		if n != 2 && !strings.HasPrefix(name, "axial_ras") {
			t.Errorf("%s has %d slices, want 2", name, n)
		}
	}
	told := ""
	others := 0
	for _, f := range append(got.Dropped, got.Findings...) {
		told += f.Rule + " " + f.Reason + "\n"
		if f.ID == "other_plane" {
			others = len(f.IDs)
		}
	}
	if others != 2 { // three cases lie in axial volumes
		t.Errorf("%d cases are said to lie in another plane, want 2: %s", others, told)
	}
	if !strings.Contains(told, "cut.nii: the file is cut off: 728 of 736 bytes are there") {
		t.Errorf("told %q, want that cut.nii is cut off", told)
	}
	if n := len(begun.Looks.found); n != 8 {
		t.Errorf("%d slices looked at, want 8", n)
	}
	for name, look := range begun.Looks.found {
		if look.Err != "" || look.Blank {
			t.Errorf("%s: %+v", name, look)
		}
	}
}
