package preprocess

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/stage"
)

// known is what was hashed before: a file of the same size and time is taken to
// be the same.
type known struct {
	Size int64
	Time int64 // of modification, ns since 1970
	Hash string
}

// unreadable stands for the hash of a file that cannot be read; decoding says
// why. It is not remembered.
const unreadable = "unreadable"

// fileHashes hashes the content of files, remembering it in the cache folder,
// also when it is cut short.
func fileHashes(ctx context.Context, env stage.Env, paths []string) (map[string]string, error) {
	if err := os.MkdirAll(env.Cache, 0o755); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	m := readChecksums(filepath.Join(env.Cache, "hashes.json"))
	out := make(map[string]string, len(paths))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	for _, path := range paths {
		group.Go(func() error {
			if err := context.Cause(inner); err != nil {
				return err
			}
			hash := m.hash(path)
			m.Lock()
			defer m.Unlock()
			out[path] = hash
			env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "checksums", Done: len(out), Total: len(paths), Unit: "files"})
			return nil
		})
	}
	return out, errors.Join(group.Wait(), m.save())
}

// checksums is the file of known hashes, by absolute path.
type checksums struct {
	sync.Mutex
	path    string
	known   map[string]known
	changed bool
}

// readChecksums reads the file; a missing or broken one is made anew.
func readChecksums(path string) *checksums {
	m := &checksums{path: path}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &m.known) != nil || m.known == nil {
		m.known = map[string]known{}
	}
	return m
}

func (m *checksums) hash(path string) string {
	name, err := filepath.Abs(path)
	if err != nil {
		name = path
	}
	info, err := os.Stat(path)
	if err != nil {
		return unreadable
	}
	k := known{Size: info.Size(), Time: info.ModTime().UnixNano()}
	m.Lock()
	before, ok := m.known[name]
	m.Unlock()
	if ok && before.Size == k.Size && before.Time == k.Time {
		return before.Hash
	}
	if k.Hash, err = hashFile(path); err != nil {
		return unreadable
	}
	m.Lock()
	defer m.Unlock()
	m.known[name], m.changed = k, true
	return k.Hash
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// save replaces the file at once, so that a reader never sees half of it.
func (m *checksums) save() error {
	if !m.changed {
		return nil
	}
	text, err := json.Marshal(m.known)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(m.path), ".hashes-*")
	if err != nil {
		return fmt.Errorf("cache of checksums: %w", err)
	}
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), m.path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("cache of checksums: %w", err)
	}
	return nil
}
