package audit

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/stage"
)

// headReader finds out what image files say of themselves. What the cache knows of a
// file of the same size and time is not read again.
type headReader struct {
	env   stage.Env
	cache *fileCache
	heads headers
	plane string   // see Config.Plane
	names []string // of files that the cache is to remember, by absolute path
	fresh []*head
}

// headCache opens the cache of headers.
func headCache(env stage.Env) *fileCache { return openCache(env.Cache, "headers.bin", headMagic) }

func newHeadReader(env stage.Env, cache *fileCache) *headReader {
	return &headReader{env: env, cache: cache, heads: headers{}, plane: stored}
}

// list finds the files of all series that are named by a folder, and reads their
// headers.
func (r *headReader) list(ctx context.Context, series map[string]Series) error {
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(series)), func(key string) bool { return series[key].folder == "" })
	lists := make([]listing, len(keys))
	err := each(ctx, r.env, "folders", "folders", len(keys), func(i int) { lists[i] = r.cache.list(series[keys[i]].folder) })
	if err != nil {
		return err
	}
	files := 0
	for _, l := range lists {
		files += len(l.files)
	}
	var open []string // to be read
	var heads []*head
	r.heads = make(headers, files)
	for i, l := range lists {
		s := series[keys[i]]
		s.Files = l.files
		series[keys[i]] = s
		for n, f := range l.files {
			if r.heads[f.Path] = l.heads[n]; !l.known[n] {
				open, heads = append(open, f.Path), append(heads, l.heads[n])
			}
		}
	}
	return r.read(ctx, open, heads)
}

// add reads the headers of more files.
func (r *headReader) add(ctx context.Context, paths []string) error {
	heads, known := make([]*head, len(paths)), make([]bool, len(paths))
	err := eachFile(ctx, r.env, "headers", paths, func(i int) { heads[i], known[i] = r.cache.look(paths[i]) })
	if err != nil {
		return err
	}
	var open []string
	var unread []*head
	for i, path := range paths {
		if r.heads[path] = heads[i]; !known[i] {
			open, unread = append(open, path), append(unread, heads[i])
		}
	}
	return r.read(ctx, open, unread)
}

// read reads headers of which size and time are known.
func (r *headReader) read(ctx context.Context, paths []string, heads []*head) error {
	fresh := make([]bool, len(paths))
	err := eachFile(ctx, r.env, "headers", paths, func(i int) { fresh[i] = heads[i].read(paths[i]) })
	for i, path := range paths {
		if fresh[i] {
			r.names, r.fresh = append(r.names, absolute(path)), append(r.fresh, heads[i])
		}
	}
	return err
}

// save has the cache remember what was read, also when that was interrupted.
func (r *headReader) save() error {
	return r.cache.add(news{r.names, func(i int) []byte {
		return append(stampOf(r.fresh[i].Size, time.Unix(0, r.fresh[i].Time)), r.fresh[i].record()...)
	}})
}

// eachFile works on files with all workers, and stops when the context ends.
func eachFile(ctx context.Context, env stage.Env, label string, paths []string, work func(i int)) error {
	return each(ctx, env, label, "files", len(paths), work)
}

// each is eachFile for n things of any kind.
func each(ctx context.Context, env stage.Env, label, unit string, n int, work func(i int)) error {
	var read atomic.Int64
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	const piece = 64
	for from := 0; from < n; from += piece {
		group.Go(func() error {
			for i := from; i < min(from+piece, n); i++ {
				if inner.Err() != nil {
					return context.Cause(inner)
				}
				work(i)
			}
			done := int(read.Add(piece))
			env.Recorder.Progress(stage.Progress{Stage: "audit", Label: label, Done: min(done, n), Total: n, Unit: unit})
			return nil
		})
	}
	return group.Wait()
}
