package pretrain

import (
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

// keep puts the weights into the folder of the run, where they are not there already.
func (b Backbone) keep(runDir string) (stage.Artefact, error) {
	path := filepath.Join(Folder(runDir), keptFile)
	if b.path != path {
		if err := b.put(path); err != nil {
			return stage.Artefact{}, err
		}
	}
	return stage.FileArtefact("checkpoint", path)
}

// put is without another copy where disks can: the cache may be cleared.
func (b Backbone) put(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if os.Link(b.path, path) == nil {
		return nil
	}
	if err := copied(b.path, path); err != nil {
		return fmt.Errorf("keeping pretrained weights: %w", err)
	}
	return nil
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
