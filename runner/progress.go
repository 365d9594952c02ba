package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"vertebra/stages/stage"
)

// progressName is the file in a run's folder that says how far it is. It is shown
// by runner serve, and gone when the run ends.
const progressName = "progress.json"

// progressFile writes the latest progress of a run to its folder, at most once a
// second and beside the run's own work: a slow disk delays nothing.
type progressFile struct {
	path string
	wake chan struct{}
	done chan struct{}
	gone chan struct{}

	lock   sync.Mutex
	latest stage.Progress
}

var _ stage.Recorder = (*progressFile)(nil)

func newProgressFile(folder string, pause time.Duration) *progressFile {
	p := &progressFile{path: filepath.Join(folder, progressName), wake: make(chan struct{}, 1), done: make(chan struct{}), gone: make(chan struct{})}
	go p.write(pause)
	return p
}

// Record keeps nothing: what is recorded is in the database.
func (p *progressFile) Record(context.Context, ...stage.Record) error { return nil }

// Progress remembers, and wakes the writer.
func (p *progressFile) Progress(now stage.Progress) {
	p.lock.Lock()
	p.latest = now
	p.lock.Unlock()
	select {
	case p.wake <- struct{}{}:
	default: // it will see the latest anyway
	}
}

func (p *progressFile) write(pause time.Duration) {
	defer close(p.gone)
	for {
		select {
		case <-p.wake:
			p.put()
		case <-p.done:
			return
		}
		select {
		case <-time.After(pause):
		case <-p.done:
			return
		}
	}
}

// put replaces the file. A progress that cannot be written is only not shown.
func (p *progressFile) put() {
	p.lock.Lock()
	text, err := json.Marshal(p.latest)
	p.lock.Unlock()
	if err != nil || os.MkdirAll(filepath.Dir(p.path), 0o755) != nil || os.WriteFile(p.path+".part", text, 0o644) != nil {
		return
	}
	_ = os.Rename(p.path+".part", p.path)
}

// close ends the writer and removes the file.
func (p *progressFile) close() error {
	close(p.done)
	<-p.gone
	err := os.Remove(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the run told nothing
	}
	return err
}

// readProgress gives what a running run wrote last; ok is false when it wrote
// nothing.
func readProgress(folder string) (p stage.Progress, ok bool) {
	text, err := os.ReadFile(filepath.Join(folder, progressName))
	if err != nil || json.Unmarshal(text, &p) != nil {
		return p, false
	}
	return p, true
}
