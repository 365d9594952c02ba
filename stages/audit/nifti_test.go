package audit

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// volumes writes a table of four volumes that lie otherwise, and of copies of the first that are
// changed; and rows for further images of the first patient.
func volumes(t *testing.T, more string, changed map[string]func([]byte) []byte) (table string) {
	t.Helper()
	dir, text := alone(t), "patient,image,grade\n"
	names := append([]string{"axial_ras.nii", "sagittal.nii", "coronal_q.nii.gz", "axial_lps.nii.gz"}, slices.Sorted(maps.Keys(changed))...)
	for i, name := range names {
		from, change := name, changed[name]
		if change != nil {
			from = names[0]
		}
		data, err := os.ReadFile(filepath.Join("../internal/nifti/testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			data = change(data)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("p%d,%s,%d\n", i, name, i%2)
	}
	for i, image := range strings.Fields(more) {
		text += fmt.Sprintf("p0,%s,%d\n", image, 1-i)
	}
	table = filepath.Join(dir, "cases.csv")
	if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return table
}

// nowhere takes the place from a header: qform_code and sform_code.
func nowhere(b []byte) []byte {
	copy(b[252:], []byte{0, 0, 0, 0})
	return b
}

// TestVolumesAreSeries: a NIfTI file is a series of its slices, whose pixels the audit sees;
// one that is cut off is told.
func TestVolumesAreSeries(t *testing.T) {
	t.Parallel()
	path := volumes(t, "axial_ras.nii#2", map[string]func([]byte) []byte{"cut.nii": func(b []byte) []byte { return b[:len(b)-8] }})
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
	if !strings.Contains(told, "cut.nii: the file is cut off: 392 of 400 bytes are there") {
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

// TestPlanes: volumes that lie otherwise give slices of one plane; one that does not say how
// it lies is told, and so is a slice that there is not. The cache of headers keeps neither.
func TestPlanes(t *testing.T) {
	t.Parallel()
	path := volumes(t, "axial_ras.nii#3 axial_ras.nii#2", map[string]func([]byte) []byte{"nowhere.nii": nowhere})
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(path), Group: "patient", Image: "image", Labels: []string{"grade"}}}
	cfg.Split.Validation = 0.4
	env := stage.Env{Recorder: stage.Discard, Workers: 2, Cache: t.TempDir()}
	for _, plane := range []string{"axial", "coronal", "stored", "sagittal"} {
		cfg.Plane = plane
		got, err := Run(t.Context(), env, cfg)
		if err != nil {
			t.Fatal(err)
		}
		told, others := "", 0
		for _, f := range append(got.Dropped, got.Findings...) {
			told += fmt.Sprintln(f.ID, f.IDs, f.Reason)
			if f.ID == "other_plane" {
				others = len(f.IDs)
			}
		}
		volumes := 0
		for _, c := range got.Cases {
			if c.Images == nil {
				continue
			}
			volumes++
			lies, _ := dicom.PlaneOf(got.heads[c.Image].Orientation)
			if plane != "stored" && string(lies) != plane {
				t.Errorf("%s: the slices of %s are %s", plane, c.ID, lies)
			}
		}
		if want := map[bool]int{true: 5, false: 4}[plane == "stored"]; volumes != want {
			t.Errorf("%s: %d volumes, want %d: %s", plane, volumes, want, told)
		}
		if !strings.Contains(told, "axial_ras.nii: there is no slice 3 of 2") {
			t.Errorf("%s: told %s", plane, told)
		}
		if want := map[bool]string{true: "[axial_ras.nii#3]", false: "[axial_ras.nii#3 nowhere.nii]"}[plane == "stored"]; !strings.Contains(told, "unreadable_image "+want) {
			t.Errorf("%s: told %s", plane, told)
		}
		if want := map[string]int{"axial": 0, "coronal": 1, "sagittal": 1, "stored": 2}[plane]; others != want { // the slice that is named is axial
			t.Errorf("%s: %d cases are said to lie in another plane, want %d: %s", plane, others, want, told)
		}
	}
}
