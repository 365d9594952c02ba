package audit

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// Unseen names images that are to be predicted and have no labels.
type Unseen struct {
	// Paths are image files, and folders whose images all count, also those of
	// folders in them.
	Paths []string
	// Table is read instead of Paths where it names a file; of its columns those
	// of labels are left out.
	Table Table
	// Sample is that of Config: with series each folder of images makes a case, and
	// each file of several frames; with study each of Paths.
	Sample string
	// FolderIsSeries says that the images of a folder are one series, as in the
	// RSNA layout; Table may name series itself.
	FolderIsSeries bool
	// Asked is what the net answers of each sample.
	Asked stage.Questions
	// Plane is that of the slices of volumes; see Config.Plane.
	Plane string
	// Views and Rules are those of Config, for tables whose rows have several images.
	Views []string
	Rules Actions
	// Headers are elements to keep as tags, as Config.Headers.
	Headers []string
	// Data is read instead of Paths and Table where it is there: a section whose source has no
	// labels, and whose samples and answers are those of the net.
	Data *Config

	namesakes string // what to tell of other images that are called so
}

// unlabelled is the label of cases that have none.
const unlabelled = -1

// Read makes a case of each image; all are of the test split, with the label -1.
// What cannot be read is Dropped.
func (u Unseen) Read(ctx context.Context, env stage.Env) (Cases, error) {
	classes := u.Asked.Classes
	found, err := u.find(ctx, classes)
	if err != nil {
		return Cases{}, err
	}
	if u.namesakes != "" {
		if err := env.Recorder.Record(ctx, stage.Event{Level: warning, Stage: "predict", Text: u.namesakes}); err != nil {
			return Cases{}, err
		}
	}
	if len(found.Cases) == 0 {
		return Cases{}, stage.Fault{Err: fmt.Errorf("there is no image in %s", u.called()), Hint: "name DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP or PNM files, folders of them, or a CSV file with a column of images"}
	}
	slices.SortStableFunc(found.Cases, func(a, b stage.Case) int { return compareIDs(a.ID, b.ID) })
	heads, err := found.readHeads(ctx, headers.Open(env), u.Plane)
	if err != nil {
		return Cases{}, err
	}
	if u.Data != nil && u.Data.unpointed {
		found.onReadable(heads)
	}
	found.filesApart()
	elements(u.Headers).tag(found.Cases, heads)
	v := newView(Cases{Classes: classes, Cases: found.Cases, Series: found.Series}, found, heads)
	if err := v.scan(ctx, env); err != nil {
		return Cases{}, err
	}
	v.leaveOut(found.reports)
	v.orderSlices()
	cfg := Config{Sample: u.Sample, Label: "worst", Views: u.Views, Rules: u.Rules}
	if u.Data != nil {
		cfg = *u.Data
	}
	if err := v.regroup(cfg); err != nil {
		return Cases{}, err
	}
	if err := v.see(cfg); err != nil {
		return Cases{}, err
	}
	for i := range v.Cases.Cases {
		v.Cases.Cases[i].Split, v.Cases.Cases[i].Label = stage.Test, unlabelled
	}
	if err := v.answer(u); err != nil {
		return Cases{}, err
	}
	v.Fingerprint = fingerprint(found.Root, v.Cases, heads)
	return v.Cases, nil
}

// answer asks each sample what the net answers: all of it where images are nothing but
// images, what a source asks where it does.
func (v *view) answer(u Unseen) error {
	if u.Data != nil {
		if err := v.Answered(u.Asked); err != nil {
			return err
		}
		v.Targets, v.Among = u.Asked.Targets, u.Asked.Among
		v.renumber()
		return nil
	}
	if len(u.Asked.Targets) > 0 && u.Table.ID == "" {
		v.once()
	}
	v.ask(u.Asked)
	return nil
}

// ofSource reads a source whose part has no labels.
func (u Unseen) ofSource(ctx context.Context) (Found, error) {
	request, err := newRequest(u.Data.Drop, u.Data.Keep)
	if err != nil {
		return Found{}, err
	}
	request.series, request.unpointed, request.views = u.Data.bySeries() || u.Data.unpointed, u.Data.unpointed, len(u.Data.Views) > 0
	found, err := u.Data.Source.Part.Read(ctx, request)
	found.Classes = u.Asked.Classes
	return found, err
}

func (u Unseen) find(ctx context.Context, classes []string) (Found, error) {
	if u.Data != nil {
		return u.ofSource(ctx)
	}
	if u.Table.File != "" {
		u.Table.Labels, u.Table.Classes = nil, classes
		request, err := newRequest(Wanted{}, Wanted{})
		if err != nil {
			return Found{}, err
		}
		request.views = len(u.Views) > 0
		found, err := u.Table.Read(ctx, request)
		found.views = u.Views // known to the run, whether or not there is one here
		if err == nil && u.FolderIsSeries {
			found.seriesByFolder()
		}
		return found, err
	}
	found := Found{Classes: classes, Series: map[string]Series{}}
	for _, path := range u.Paths {
		if err := u.walk(ctx, &found, path); err != nil {
			return found, err
		}
	}
	found.onceEach()
	if u.FolderIsSeries || u.Sample == "series" || u.Sample == "study" {
		found.seriesByFolder()
	}
	return found, nil
}

// called is where the images were to be.
func (u Unseen) called() string {
	if u.Data != nil {
		return "the part of data.source." + u.Data.Source.Name
	}
	return cmp.Or(string(u.Table.File), strings.Join(u.Paths, ", "))
}

// onceEach keeps the first of images that are named twice, by hand and as one of a folder.
func (f *Found) onceEach() {
	seen := map[string]bool{}
	f.Cases = slices.DeleteFunc(f.Cases, func(c stage.Case) bool {
		known := seen[c.ID]
		seen[c.ID] = true
		return known
	})
}

// walk finds the images of a path. Those named by hand count whatever their name
// is, and may be one frame of a file.
func (u Unseen) walk(ctx context.Context, found *Found, root string) error {
	inside := root
	if isFrame(root) {
		found.Cases = append(found.Cases, stage.Case{ID: root, Group: filepath.Dir(root), Image: root, Label: unlabelled, Tags: map[string]string{}})
		return nil
	}
	if info, err := os.Stat(root); err == nil && info.IsDir() {
		inside += string(filepath.Separator) // also where it is a link to a folder
	}
	return files.Walk(inside, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return stage.Fault{Err: err, Hint: "name files or folders that are there; a path is relative to the working directory"}
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case path != inside && e.IsDir() && files.Hidden(e):
			return filepath.SkipDir
		case e.IsDir() || path != inside && (files.Hidden(e) || !files.IsImage(path)):
			return nil
		}
		one := stage.Case{ID: path, Group: filepath.Dir(path), Image: path, Label: unlabelled, Tags: map[string]string{}}
		if u.Sample == "study" {
			one.Group = root
		}
		found.Cases = append(found.Cases, one)
		return nil
	})
}

// isFrame says whether a path is no file, but names a frame of one.
func isFrame(path string) bool {
	file, frame := stage.ParseFramePath(path)
	if _, err := os.Stat(path); err == nil || frame == 0 {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && !info.IsDir()
}

// seriesByFolder makes a series of the images of each folder.
func (f *Found) seriesByFolder() {
	f.folders = map[string]bool{}
	for i, c := range f.Cases {
		if c.Series != "" {
			continue
		}
		key := filepath.Dir(c.Image)
		f.Cases[i].Series = key
		if _, known := f.Series[key]; known {
			continue
		}
		s := Series{Key: key, Study: c.Group}
		for n, path := range files.Images(key) {
			s.Files = append(s.Files, File{Path: path, Instance: n + 1})
		}
		f.Series[key], f.folders[key] = s, true
	}
}

// filesApart makes series of the files of several frames that lie in folders whose images
// were taken for one series.
func (f *Found) filesApart() {
	for i, c := range f.Cases {
		file, frame := stage.ParseFramePath(c.Image)
		if frame == 0 || c.Images == nil || !f.folders[c.Series] {
			continue
		}
		one, rest := Series{Key: c.ID, Study: c.Group}, f.Series[c.Series]
		rest.Files = slices.DeleteFunc(slices.Clone(rest.Files), func(slice File) bool {
			of, _ := stage.ParseFramePath(slice.Path)
			if of == file {
				one.Files = append(one.Files, slice)
			}
			return of == file
		})
		if f.Series[one.Key], f.Series[c.Series] = one, rest; len(rest.Files) == 0 {
			delete(f.Series, c.Series)
		}
		f.Cases[i].Series = one.Key
	}
}

// leaveOut drops what the source refused and what has no readable image.
func (v *view) leaveOut(told reports) {
	for _, id := range order {
		r := rules[id]
		hits := told.hits[id]
		if r.Unusable && r.find != nil || id == "point_outside" {
			hits = append(hits, r.find(v)...)
		}
		if f := r.finding(hits, drop); f != nil {
			if r.find != nil {
				v.remove(f.concerned())
			}
			v.Dropped = append(v.Dropped, *f)
		}
	}
}
