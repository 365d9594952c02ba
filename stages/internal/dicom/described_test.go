package dicom

import (
	"bytes"
	"slices"
	"testing"
)

// TestSaid: elements that people know an image by are read, whatever is wrong with them.
func TestSaid(t *testing.T) {
	t.Parallel()
	s := sample{rows: 8, columns: 8, extra: slices.Concat(
		element(0x0008, 0x0070, "LO", []byte("SIE\x1bMENS \\other ")),
		element(0x0010, 0x0040, "CS", []byte("F ")),
		element(0x0010, 0x1010, "AS", []byte("054Y")),
		element(0x0018, 0x0087, "DS", []byte("1.5 ")),
		element(0x0018, 0x1030, "LO", bytes.Repeat([]byte("x"), 5000)), // longer than any value is
		element(0x0018, 0x5101, "CS", []byte("  ")),
	)}
	h, err := ReadHeader(written(t, s.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for keyword, want := range map[string]string{
		"Manufacturer": "SIEMENS", "PatientSex": "F", "PatientAge": "054Y", "MagneticFieldStrength": "1.5",
		"ProtocolName": "", "ViewPosition": "", "Modality": "", "PatientName": "", "Strength": "",
	} {
		if got := h.Said.Says(keyword); got != want {
			t.Errorf("%s is %q, want %q", keyword, got, want)
		}
	}
	for _, keyword := range []string{"Manufacturer", "PatientAge", "MagneticFieldStrength", "ViewPosition"} {
		if !slices.Contains(Keywords(), keyword) {
			t.Errorf("%s is not among the keywords %q", keyword, Keywords())
		}
	}
	if n := len(Keywords()); n != len(described) {
		t.Errorf("%d keywords of %d elements", n, len(described))
	}
	for _, name := range h.Identifying {
		t.Errorf("%s is said to identify a patient", name)
	}
}
