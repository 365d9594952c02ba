package stage

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSumOf: the digest of "abc" is that of FIPS 180-2, appendix B.1.
func TestSumOf(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "abc")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := SumOf(path); err != nil || got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := SumOf(path + "x"); err == nil {
		t.Error("a file that is not there has a sum")
	}
}
