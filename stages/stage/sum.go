package stage

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// SumOf is the SHA-256 of a file.
func SumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}
