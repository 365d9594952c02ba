package pretrain

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"vertebra/stages/stage"
)

// Folder is where a run keeps the weights that its net began with: its own folder below, so that
// weights: ../runs/<run>/pretrain takes them.
func Folder(runDir string) string { return filepath.Join(runDir, Name) }

const keptFile = "best.safetensors"

// kept are the weights that a run which goes on has from before, whatever became of the cache.
func (r *run) kept(key string) (b Backbone, there bool) {
	if !r.env.Resume || r.env.RunDir == "" {
		return b, false
	}
	b, ok, err := readBackbone(filepath.Join(Folder(r.env.RunDir), keptFile))
	return b, ok && err == nil && b.key == key
}

// keep puts the weights into the folder of the run, without another copy where disks can: the cache may
// be cleared.
func (b Backbone) keep(runDir string) (stage.Artefact, error) {
	path := filepath.Join(Folder(runDir), keptFile)
	a := stage.Artefact{Kind: "checkpoint", Path: path}
	if b.path == path {
		var err error
		a.SHA256, a.Bytes, err = digest(path)
		return a, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return a, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if err := os.Link(b.path, path); err != nil {
		if err := copied(b.path, path); err != nil {
			return a, fmt.Errorf("keeping pretrained weights: %w", err)
		}
	}
	var err error
	a.SHA256, a.Bytes, err = digest(path)
	return a, err
}

func copied(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := stage.CreateTemp(filepath.Dir(to), "weights-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(out.Name()))
	}
	return err
}

func digest(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
