package pretrain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// A pretraining lies in the cache, in a folder named by all that its numbers depend on:
//
//	last.safetensors      where it is, until it is done
//	journal.json          the numbers of its epochs
//	backbone.safetensors  what it gave, written last
//	about                 what it is, for people
//	lock                  held by the process that is at it
//
// So every run that asks for the same finds it, done or half done.
const (
	backboneFile = "backbone.safetensors"
	journalFile  = "journal.json"
	aboutFile    = "about"
	lockFile     = "lock"
)

// Backbone are weights that a net begins with.
type Backbone struct {
	tensors map[string]safetensors.Tensor
	path    string
	key     string // of the pretraining
}

// keyword is the word of metadata for the key.
const keyword = "pretraining_key"

// store is the folder of one pretraining, which this process alone fills.
type store struct {
	dir  string
	lock *os.File // nil where the disk knows no locks
}

// openStore waits until no other process is at the same pretraining; it says whether it had to.
func openStore(ctx context.Context, env stage.Env, key string) (s *store, waited bool, err error) {
	s = &store{dir: filepath.Join(env.Cache, preprocess.Pretrained, key)}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, false, fmt.Errorf("cache of pretrainings: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, lockFile), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, false, fmt.Errorf("cache of pretrainings: %w", err)
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			s.lock = f
			return s, waited, nil
		case !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR):
			return s, waited, f.Close() // whoever else is at it does the same, and files are replaced as a whole
		}
		waited = true
		env.Recorder.Progress(stage.Progress{Stage: "train", Label: "waiting for another run that pretrains the same"})
		select {
		case <-ctx.Done():
			return nil, waited, errors.Join(context.Cause(ctx), f.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *store) close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

func (s *store) path(name string) string { return filepath.Join(s.dir, name) }

// finished reads what a pretraining gave; ok is false where it is not done, or was lost.
func (s *store) finished() (b Backbone, ok bool, err error) {
	return readBackbone(s.path(backboneFile))
}

func readBackbone(path string) (b Backbone, ok bool, err error) {
	f, err := safetensors.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, false, nil
	}
	return Backbone{f.Tensors, path, f.Metadata[keyword]}, err == nil, err
}

// mend takes away a state that cannot be read, from which nobody could go on, and says so.
func (s *store) mend() (lost error, err error) {
	path := s.path("last.safetensors")
	_, lost = safetensors.Read(path)
	if lost == nil || errors.Is(lost, fs.ErrNotExist) {
		return nil, nil
	}
	return lost, os.Remove(path)
}

// finish stores what a pretraining gave, and takes its state away.
func (s *store) finish(b Backbone, metadata map[string]string) (Backbone, error) {
	b.path = s.path(backboneFile)
	if err := safetensors.Write(b.path, safetensors.File{Metadata: metadata, Tensors: b.tensors}); err != nil {
		return b, fmt.Errorf("pretrained weights: %w", err)
	}
	for _, name := range []string{"last.safetensors", "best.safetensors", "final.safetensors"} {
		if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return b, err
		}
	}
	return b, nil
}

// readJournal gives the numbers of the epochs that are done; what cannot be read is none, since the
// weights do not depend on it.
func (s *store) readJournal() (out []stage.Scalar) {
	data, err := os.ReadFile(s.path(journalFile))
	if err != nil || json.Unmarshal(data, &out) != nil {
		return nil
	}
	return out
}

func (s *store) writeJournal(scalars []stage.Scalar) error {
	data, err := json.Marshal(scalars)
	if err != nil {
		return err
	}
	f, err := stage.CreateTemp(s.dir, "journal-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), s.path(journalFile))
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// touch notes that it was used, for whoever makes room in the cache. Failing costs nothing.
func (s *store) touch(env stage.Env) {
	now := env.Now()
	_ = os.Chtimes(s.path(backboneFile), now, now)
}
