package index

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBIDS: each image of a data set gets what its name, its participant and its session
// say, and derived ones are left out.
func TestBIDS(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"participants.tsv":                          "participant_id\tage\tsex\tdiagnosis\nsub-01\t70\tF\tCN\n02\tn/a\tM\tAD\nsub-09\t1\tM\tAD\n",
		"sub-01/sub-01_sessions.tsv":                "session_id\tdiagnosis\tMMSE\nses-1\tCN\t30\nses-2\tMCI\tn/a\n",
		"sub-01/ses-1/sub-01_ses-1_scans.tsv":       "filename\tacq_time\tMMSE\tsuffix\tquality\nanat/sub-01_ses-1_T1w.nii.gz\t1877-06-15T13:45:30\tn/a\tno\tgood\nanat/gone.nii.gz\tn/a\t1\tno\tbad\n",
		"sub-02/sub-02_scans.tsv":                   "filename\tage\tdiagnosis\nanat/sub-02_FLAIR.nii\t71\tMCI\n",
		"sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz": "x", "sub-01/ses-1/anat/sub-01_ses-1_T1w.json": "{}",
		"sub-01/ses-2/anat/sub-01_ses-2_run-2_T1w.nii.gz":  "x",
		"sub-02/anat/sub-02_FLAIR.nii":                     "x",
		"sub-03/anat/sub-03_T1w.nii.gz":                    "x",
		"derivatives/fs/sub-01/anat/sub-01_desc-x_T1w.nii": "x",
		"sub-01/ses-1/anat/notes.txt":                      "x",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	columns, rows, err := BIDS(t.Context(), root, filepath.Join(root, "sub-01"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(columns, ",")
	for _, row := range rows {
		got += "\n" + strings.Join(row, ",")
	}
	const want = `path,participant_id,session_id,datatype,suffix,MMSE,acq_time,age,diagnosis,quality,run,sex
ses-1/anat/sub-01_ses-1_T1w.nii.gz,sub-01,ses-1,anat,T1w,30,1877-06-15T13:45:30,70,CN,good,,F
ses-2/anat/sub-01_ses-2_run-2_T1w.nii.gz,sub-01,ses-2,anat,T1w,,,70,MCI,,2,F
../sub-02/anat/sub-02_FLAIR.nii,sub-02,,anat,FLAIR,,,71,MCI,,,M
../sub-03/anat/sub-03_T1w.nii.gz,sub-03,,anat,T1w,,,,,,,`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, _, err := BIDS(t.Context(), filepath.Join(root, "derivatives", "none"), root); err == nil || !strings.Contains(err.Error(), "none is not there") {
		t.Errorf("got %v", err)
	}
	if _, _, err := BIDS(t.Context(), filepath.Join(root, "sub-02", "anat", ".."), root); err != nil {
		t.Errorf("a data set without tables: %v", err)
	}
	broken := filepath.Join(root, "sub-03", "sub-03_scans.tsv")
	if err := os.WriteFile(broken, []byte("file\ttime\n1\t2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := BIDS(t.Context(), root, root); err == nil || !strings.Contains(err.Error(), "sub-03_scans.tsv has no column filename; it has file, time") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "participants.tsv"), []byte("id\tage\n1\t2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := BIDS(t.Context(), root, root); err == nil || !strings.Contains(err.Error(), "participants.tsv has no column participant_id; it has id, age") {
		t.Errorf("got %v", err)
	}
	if _, _, err := BIDS(t.Context(), filepath.Join(root, "sub-01", "ses-1", "anat", "..", "..", "..", "derivatives", "fs", "sub-01", "anat", "."), root); err != nil {
		t.Errorf("what was derived, asked for by name: %v", err)
	}
}
