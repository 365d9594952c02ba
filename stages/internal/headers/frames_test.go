package headers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestPlanesOfNowhere: what a file does not say is told, and its frames are those of none.
func TestPlanesOfNowhere(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../nifti/testdata/axial_ras.nii")
	if err != nil {
		t.Fatal(err)
	}
	copy(data[252:], []byte{0, 0, 0, 0}) // qform_code and sform_code
	dir := t.TempDir()
	path := filepath.Join(dir, "nowhere.nii")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r := Open(stage.Env{Recorder: stage.Discard, Workers: 1})
	if err := r.Add(t.Context(), []string{path}); err != nil {
		t.Fatal(err)
	}
	said := r.Headers[path]
	if frames := r.Headers.Frames("axial"); len(frames) != 0 || !strings.Contains(r.Headers[path].Err, "nowhere.nii: it has neither sform nor qform, so nobody knows its axial slices") {
		t.Errorf("got %v and %q", frames, r.Headers[path].Err)
	}
	if said.Err != "" {
		t.Errorf("the header itself, which the cache keeps, was changed to %q", said.Err)
	}
}
