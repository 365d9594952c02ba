package preprocess

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"vertebra/stages/stage"
)

// The cache folder holds
//
//	checksums                  hashes of source files, by path, size and time
//	images-<key>.bin           finished images, memory-mapped; see store.go
//	images-<request>.partial   images being made, or left by a killed run
//	steps/<folder>/about       what a step did, for people
//	steps/<folder>/*.pack      its results; see pack.go
//	pretrained/<key>/          what a backbone learnt from images alone; see package pretrain
//	tmp/<process>/             unfinished files of a live process
//
// Images and checksums get their names when they are whole; the records of a pack
// and the rows of partial images carry checksums. So a reader never takes half of
// something for the whole.

// cache is the folder as one process uses it.
type cache struct {
	env  stage.Env
	tmp  string   // this process's own folder
	lock *os.File // held while the process lives
	sums *checksums
}

func openCache(ctx context.Context, env stage.Env) (*cache, error) {
	c := &cache{env: env}
	if err := c.ownFolder(); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	sweep(env.Cache)
	c.sums = readChecksums(env.Cache)
	c.sums.tmp = c.tmp
	return c, context.Cause(ctx)
}

// ownFolder makes a folder for unfinished files. Its lock tells other processes
// that it is in use; one that swept it away before it was locked makes us try
// again.
func (c *cache) ownFolder() error {
	root := filepath.Join(c.env.Cache, "tmp")
	for {
		if err := os.MkdirAll(root, 0o777); err != nil {
			return err
		}
		folder, err := os.MkdirTemp(root, "process-")
		if err != nil {
			if errors.Is(err, os.ErrNotExist) {
				continue // root was swept
			}
			return err
		}
		lock, err := os.Create(filepath.Join(folder, "lock"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		flockErr := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if flockErr != unix.EWOULDBLOCK && isAt(lock, lock.Name()) {
			c.tmp, c.lock = folder, lock // without locks nobody sweeps it either
			return nil
		}
		lock.Close()
	}
}

// folder is where results of a step lie.
func (c *cache) folder(name string) string { return filepath.Join(c.env.Cache, "steps", name) }

func (c *cache) close() {
	os.RemoveAll(c.tmp)
	os.Remove(filepath.Dir(c.tmp)) // if no other process has a folder in it
	c.lock.Close()
}

// sweep removes the unfinished files of processes that were killed.
func sweep(root string) {
	locks, _ := filepath.Glob(filepath.Join(root, "tmp", "process-*", "lock"))
	for _, path := range locks {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(path)) // what stays costs disk space only
		}
		f.Close()
	}
}

// replaceFile writes a file in a folder for unfinished ones, syncs it, and gives
// it its name.
func replaceFile(tmp, path string, data ...[]byte) error {
	f, err := stage.CreateTemp(tmp, "file-*")
	if err != nil {
		return err
	}
	for _, part := range data {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// isAt says whether an open file still is the one at a path.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

// touch notes that something was used, for eviction. Failing costs nothing.
func touch(env stage.Env, path string) {
	if env.Now != nil {
		now := env.Now()
		_ = os.Chtimes(path, now, now)
	}
}
