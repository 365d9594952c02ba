package headers

import (
	"context"
	"time"

	"vertebra/stages/internal/filecache"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/parallel"
	"vertebra/stages/stage"
)

// Reader finds out what image files say of themselves. What the cache folder knows of a
// file of the same size and time is not read again.
type Reader struct {
	Headers ByPath // that were read, or known

	env   stage.Env
	cache *filecache.Cache
	names []string // of files that the cache is to remember, by absolute path
	fresh []*Header
}

// Open begins with what the cache folder knows.
func Open(env stage.Env) *Reader {
	return &Reader{env: env, cache: filecache.Open(env.Cache, "headers.bin", magic), Headers: ByPath{}}
}

// Folders finds the slices of folders, and reads their headers.
func (r *Reader) Folders(ctx context.Context, folders []string) ([][]Slice, error) {
	lists := make([]listing, len(folders))
	err := r.each(ctx, "folders", "folders", len(folders), func(i int) { lists[i] = list(r.cache, folders[i]) })
	if err != nil {
		return nil, err
	}
	n := 0
	for _, l := range lists {
		n += len(l.slices)
	}
	var open []string // to be read
	var heads []*Header
	r.Headers = make(ByPath, n)
	out := make([][]Slice, len(lists))
	for i, l := range lists {
		out[i] = l.slices
		for n, f := range l.slices {
			if r.Headers[f.Path] = l.heads[n]; !l.known[n] {
				open, heads = append(open, f.Path), append(heads, l.heads[n])
			}
		}
	}
	return out, r.read(ctx, open, heads)
}

// Add reads the headers of more files, or of frames of them.
func (r *Reader) Add(ctx context.Context, paths []string) error {
	heads, known := make([]*Header, len(paths)), make([]bool, len(paths))
	err := r.each(ctx, "headers", "files", len(paths), func(i int) { heads[i], known[i] = remembered(r.cache, paths[i]) })
	if err != nil {
		return err
	}
	var open []string
	var unread []*Header
	for i, path := range paths {
		if r.Headers[path] = heads[i]; !known[i] {
			open, unread = append(open, path), append(unread, heads[i])
		}
	}
	return r.read(ctx, open, unread)
}

// read reads headers of which size and time are known.
func (r *Reader) read(ctx context.Context, paths []string, heads []*Header) error {
	fresh := make([]bool, len(paths))
	err := r.each(ctx, "headers", "files", len(paths), func(i int) { fresh[i] = heads[i].read(paths[i]) })
	for i, path := range paths {
		if fresh[i] {
			r.names, r.fresh = append(r.names, files.Absolute(path)), append(r.fresh, heads[i])
		}
	}
	return err
}

// each works on n things with all workers; it is part of the audit for whoever watches.
func (r *Reader) each(ctx context.Context, label, unit string, n int, work func(i int)) error {
	return parallel.Each(ctx, r.env, stage.Progress{Stage: "audit", Label: label, Total: n, Unit: unit}, work)
}

// Save has the cache remember what was read, also when that was interrupted.
func (r *Reader) Save() error {
	return r.cache.Add(r.names, func(i int) []byte {
		return append(filecache.StampOf(r.fresh[i].Size, time.Unix(0, r.fresh[i].Time)), r.fresh[i].record()...)
	})
}
