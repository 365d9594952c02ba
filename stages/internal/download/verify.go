package download

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Damaged is a file whose content is not what its name says.
type Damaged struct{ Path, Got, Want string }

func (d Damaged) Error() string {
	return fmt.Sprintf("%s is damaged, or another file: its SHA-256 begins with %s and not with %s", d.Path, d.Got, d.Want)
}

// Verify holds the content of a file against the hash in its name.
func Verify(path string) error { return verify(path, path) }

// verify holds the content of one file against the hash in the name of another.
func verify(path, named string) error {
	want, err := hashIn(named)
	if err != nil {
		return err
	}
	sum, err := Sum(path)
	if err != nil {
		return err
	}
	if got := sum[:len(want)]; got != want {
		return Damaged{path, got, want}
	}
	return nil
}

var hashed = regexp.MustCompile(`-([0-9a-f]{8,64})\.[a-z0-9]+$`) // torch.hub's HASH_REGEX

func hashIn(name string) (string, error) {
	found := hashed.FindStringSubmatch(filepath.Base(name))
	if found == nil {
		return "", fmt.Errorf("the name of %s holds no hash", strings.TrimSuffix(name, ".part"))
	}
	return found[1], nil
}

// Sum is the SHA-256 of a file, in hexadecimal digits.
func Sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}
