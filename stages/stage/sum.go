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

// FileArtefact is what a run records of a file that it left, with its size and its SHA-256.
func FileArtefact(kind, path string) (Artefact, error) {
	a := Artefact{Kind: kind, Path: path}
	info, err := os.Stat(path)
	if err != nil {
		return a, err
	}
	a.Bytes = info.Size()
	a.SHA256, err = SumOf(path)
	return a, err
}
