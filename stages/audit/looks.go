package audit

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"vertebra/stages/internal/filecache"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/lookalike"
	"vertebra/stages/internal/parallel"
	"vertebra/stages/stage"
)

// Looks gathers what pixels tell of the cases' images. Whoever decodes an image for
// another purpose shows it, so that a run reads each file's pixels once; Cases.Look
// reads the rest.
type Looks struct {
	audited
	cache *filecache.Cache

	lock  sync.Mutex
	found map[string]lookalike.Look
	open  map[string]bool   // images that nobody has looked at
	fresh map[string][]byte // records for the cache
}

// newLooks begins with what the cache knows.
func newLooks(env stage.Env, a audited) *Looks {
	l := &Looks{audited: a, cache: filecache.Open(env.Cache, "looks.bin", lookalike.Magic), found: map[string]lookalike.Look{}, open: map[string]bool{}, fresh: map[string][]byte{}}
	for _, path := range a.pixelFiles() {
		file, _ := stage.ParseFramePath(path)
		info, err := os.Stat(file)
		if err != nil {
			l.found[path] = lookalike.Look{Err: err.Error()}
		} else if known, ok := lookalike.FromRecord(l.cache.Record(path, info)); ok {
			l.found[path] = known
		} else {
			l.open[path] = true
		}
	}
	return l
}

// Wants says whether the pixels of an image are worth showing.
func (l *Looks) Wants(path string) bool {
	if l == nil {
		return false
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.open[path]
}

// See takes a look at an image of one frame: grey values of the file (modality values
// of DICOM), row by row, which it neither keeps nor changes. size and modified are
// the file's when its content was read.
func (l *Looks) See(path string, size int64, modified time.Time, width int, values []float32) {
	if width < 1 || len(values) == 0 || len(values)%width != 0 {
		return
	}
	seen := lookalike.Of(width, values)
	l.note(path, filecache.StampOf(size, modified), seen)
}

// note keeps a look, and has the cache remember it; not without a stamp.
func (l *Looks) note(path string, stamp []byte, seen lookalike.Look) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.found[path] = seen
	delete(l.open, path)
	if stamp == nil {
		return
	}
	if record, err := seen.AppendRecord(stamp); err == nil {
		l.fresh[files.Absolute(path)] = record
	}
}

// Save has later runs find what was seen so far.
func (l *Looks) Save() error {
	if l == nil {
		return nil
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	names := slices.Collect(maps.Keys(l.fresh))
	err := l.cache.Add(names, func(i int) []byte { return l.fresh[names[i]] })
	l.fresh = map[string][]byte{}
	return err
}

// rest looks at the images that nobody showed.
func (l *Looks) rest(ctx context.Context, env stage.Env) error {
	var paths []string
	for _, path := range l.pixelFiles() {
		if l.open[path] {
			paths = append(paths, path)
		}
	}
	files, frames := byFile(paths)
	err := parallel.Each(ctx, env, stage.Progress{Stage: "audit", Label: "pixels", Total: len(files), Unit: "files"}, func(i int) {
		info, err := os.Stat(files[i])
		of := lookalike.Read
		if err == nil && len(frames[files[i]]) > 1 {
			of, err = lookalike.Frames(files[i])
		}
		for _, path := range frames[files[i]] {
			if err != nil {
				l.note(path, nil, lookalike.Look{Err: err.Error()})
			} else if ctx.Err() == nil {
				l.read(path, info, of)
			}
		}
	})
	return errors.Join(err, l.Save())
}

// byFile groups frames by their files, which it lists in order.
func byFile(paths []string) (files []string, frames map[string][]string) {
	frames = map[string][]string{}
	for _, path := range paths {
		file, _ := stage.ParseFramePath(path)
		if frames[file] == nil {
			files = append(files, file)
		}
		frames[file] = append(frames[file], path)
	}
	return files, frames
}

func (l *Looks) read(path string, info fs.FileInfo, of func(path string) (lookalike.Look, error)) {
	seen, err := of(path)
	if err != nil {
		l.note(path, nil, lookalike.Look{Err: err.Error()}) // that may pass
		return
	}
	l.note(path, filecache.Stamp(info), seen)
}
