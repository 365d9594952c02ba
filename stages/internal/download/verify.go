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

// Damaged is a file whose content is another than what is published by its name.
type Damaged struct{ Path, Got, Want string }

func (d Damaged) Error() string {
	return fmt.Sprintf("%s is damaged, or another file: its SHA-256 begins with %s and not with %s", d.Path, d.Got, d.Want)
}

// Verify holds the content of a file against its SHA-256, or where that is "" against the
// beginning of it in the file's name.
func Verify(path, sha256 string) error { return verify(path, path, sha256) }

// verify is Verify for a file whose name will be another.
func verify(path, named, want string) error {
	if want == "" {
		var err error
		if want, err = hashIn(named); err != nil {
			return err
		}
	}
	sum, err := Sum(path)
	if err != nil {
		return err
	}
	if got := sum[:len(want)]; got != want {
		const enough = 16
		return Damaged{path, got[:min(enough, len(got))], want[:min(enough, len(want))]}
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
