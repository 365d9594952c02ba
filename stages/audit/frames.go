package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"vertebra/stages/internal/nifti"
	"vertebra/stages/stage"
)

// readHeads lists the series that a source found, reads the headers of all images, and
// puts the frames of files that have several where those files were: they are slices
// like others.
func (f *Found) readHeads(ctx context.Context, r *headReader) (heads headers, err error) {
	defer func() { err = errors.Join(err, r.save()) }()
	if err := r.list(ctx, f.Series); err != nil {
		return nil, err
	}
	f.forgetUnused(r.heads)
	if err := r.add(ctx, f.files(r.heads)); err != nil {
		return nil, err
	}
	defer f.inFront(r.heads)
	f.beyond(r.heads)
	frames := r.heads.frames(r.plane)
	if len(frames) == 0 {
		return r.heads, nil
	}
	if err := r.add(ctx, slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(frames))...)))); err != nil {
		return nil, err
	}
	f.place(frames)
	return r.heads, nil
}

// inFront puts of a sample of several slices a readable one in front, that nearest to the
// middle: the rules judge a sample by it.
func (f *Found) inFront(heads headers) {
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
func (f *Found) forgetUnused(had headers) {
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
func (f *Found) files(had headers) []string {
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
func (f *Found) beyond(heads headers) {
	for _, c := range f.Cases {
		file, frame := stage.ParseFramePath(c.Image)
		if h := heads[c.Image]; h != nil && h.Format == "nifti" && h.Err == "" && frame > h.Frames {
			f.reports.add("unreadable_image", c.ID, fmt.Sprintf("%s: there is no slice %d of %d", file, frame, h.Frames))
		}
	}
}

// frames lists the frames of files that have several, by the path of the file: of a volume
// the slices in a plane.
func (h headers) frames(plane string) map[string][]string {
	out := map[string][]string{}
	for path, one := range h {
		file, _ := stage.ParseFramePath(path)
		if out[file] != nil {
			continue
		}
		first, count := 1, one.Frames
		if one.Format == "nifti" && one.Err == "" && plane != stored {
			var err error
			if first, count, err = framesIn(file, plane); err != nil {
				h.refuse(path, err)
				continue
			}
		}
		if count < 2 && first == 1 {
			continue
		}
		for n := range count {
			out[file] = append(out[file], stage.FramePath(file, first+n))
		}
	}
	return out
}

// refuse notes what is wrong with a file as this experiment sees it: the cache keeps what the
// file says of itself.
func (h headers) refuse(path string, err error) {
	changed := *h[path]
	changed.Err = err.Error()
	h[path] = &changed
}

// stored is the plane of slices along the third dimension.
const stored = "stored"

// planes are the words for others.
var planes = map[string]int{"sagittal": nifti.Sagittal, "coronal": nifti.Coronal, "axial": nifti.Axial}

// framesIn are the frames of a volume that lie in a plane.
func framesIn(file, plane string) (first, count int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	h, err := nifti.ReadHeader(f)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", file, err)
	}
	first, count, known := h.Frames(planes[plane])
	if !known {
		return 0, 0, fmt.Errorf("%s: it has neither sform nor qform, so nobody knows its %s slices", file, plane)
	}
	return first, count, nil
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
