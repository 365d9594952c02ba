package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// readHeads lists the series that a source found, reads the headers of all images, and
// puts the frames of files that have several where those files were: they are slices
// like others.
func (f *Found) readHeads(ctx context.Context, r *headers.Reader, plane string) (heads headers.ByPath, err error) {
	defer func() { err = errors.Join(err, r.Save()) }()
	if err := f.list(ctx, r); err != nil {
		return nil, err
	}
	f.forgetUnused(r.Headers)
	if err := r.Add(ctx, f.files(r.Headers)); err != nil {
		return nil, err
	}
	defer f.inFront(r.Headers)
	f.beyond(r.Headers)
	frames := r.Headers.Frames(cmp.Or(plane, headers.Stored))
	if len(frames) == 0 {
		return r.Headers, nil
	}
	if err := r.Add(ctx, slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(frames))...)))); err != nil {
		return nil, err
	}
	f.place(frames)
	return r.Headers, nil
}

// list finds the files of all series that are named by a folder.
func (f *Found) list(ctx context.Context, r *headers.Reader) error {
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(f.Series)), func(key string) bool { return f.Series[key].folder == "" })
	folders := make([]string, len(keys))
	for i, key := range keys {
		folders[i] = f.Series[key].folder
	}
	lists, err := r.Folders(ctx, folders)
	for i, list := range lists {
		s := f.Series[keys[i]]
		s.Files = make([]File, len(list))
		for n, slice := range list {
			s.Files[n] = File{Path: slice.Path, Instance: slice.Instance}
		}
		f.Series[keys[i]] = s
	}
	return err
}

// inFront puts of a sample of several slices a readable one in front, that nearest to the
// middle: the rules judge a sample by it.
func (f *Found) inFront(heads headers.ByPath) {
	for i := range f.Cases {
		c := &f.Cases[i]
		if h := heads[c.Image]; h == nil || h.Err == "" || c.Point != nil {
			continue
		}
		middle := len(c.Images) / 2
		for away := range 2 * len(c.Images) {
			at := middle + (away+1)/2*(1-2*(away%2)) // middle, −1, +1, −2, …
			if at < 0 || at >= len(c.Images) {
				continue
			}
			if h := heads[c.Images[at]]; h != nil && h.Err == "" {
				c.Image = c.Images[at]
				break
			}
		}
	}
}

// forgetUnused takes out series that no case is of, such as those of rows without a label,
// unless their headers are there: nothing else reads them.
func (f *Found) forgetUnused(had headers.ByPath) {
	used := map[string]bool{}
	for _, c := range f.Cases {
		used[c.Series] = true
	}
	maps.DeleteFunc(f.Series, func(key string, s Series) bool {
		return !used[key] && slices.ContainsFunc(s.Files, func(file File) bool { return had[file.Path] == nil })
	})
}

// files lists the images of cases and the files of their series whose headers are not
// there yet, sorted.
func (f *Found) files(had headers.ByPath) []string {
	seen, series := map[string]bool{}, map[string]bool{}
	see := func(path string) {
		if had[path] == nil {
			seen[path] = true
		}
	}
	for _, c := range f.Cases {
		see(c.Image)
		for _, path := range c.Images {
			see(path)
		}
		if !series[c.Series] {
			series[c.Series] = true
			for _, file := range f.Series[c.Series].Files {
				see(file.Path)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// beyond reports cases that name a slice of a volume which there is not along its third
// dimension: numbers beyond are those of other planes, which nobody names.
func (f *Found) beyond(heads headers.ByPath) {
	for _, c := range f.Cases {
		file, frame := stage.ParseFramePath(c.Image)
		if h := heads[c.Image]; h != nil && h.Format == "nifti" && h.Err == "" && frame > h.Frames {
			f.reports.add("unreadable_image", c.ID, fmt.Sprintf("%s: there is no slice %d of %d", file, frame, h.Frames))
		}
	}
}

// place makes frames of files in cases and series. A case on a file of several frames
// has all of them, and the middle one in front, as one on a folder of slices; one that
// names a frame keeps it. Where there is no series, the file is one.
func (f *Found) place(frames map[string][]string) {
	for key, s := range f.Series {
		s.Files = s.expanded(frames)
		f.Series[key] = s
	}
	for i := range f.Cases {
		c := &f.Cases[i]
		file, frame := stage.ParseFramePath(c.Image)
		if frames[file] == nil {
			continue
		}
		if c.Series == "" {
			c.Series = file
			s := Series{Key: file, Study: c.Group, Files: []File{{Path: file, Instance: 1}}}
			s.Files = s.expanded(frames)
			f.Series[file] = s
		}
		if frame == 0 {
			if c.Images == nil {
				c.Images = []string{file}
			}
			c.Images = expanded(c.Images, frames)
			c.Image = frames[file][len(frames[file])/2]
		}
	}
}

func (s Series) expanded(frames map[string][]string) []File {
	var out []File
	for _, f := range s.Files {
		list := frames[f.Path]
		if list == nil {
			out = append(out, f)
		}
		for n, path := range list {
			out = append(out, File{Path: path, Instance: n + 1})
		}
	}
	return out
}

func expanded(paths []string, frames map[string][]string) []string {
	var out []string
	for _, path := range paths {
		if list := frames[path]; list != nil {
			out = append(out, list...)
		} else {
			out = append(out, path)
		}
	}
	return out
}
