package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/naming"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Sources.Add("folders", "a folder of images for each class: DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP, PNM", Folders{},
		"folders: {root: ../data/images}")
}

// Folders reads <root>/<class>/…/<image>.
type Folders struct {
	Root    registry.Path `help:"folder that holds a folder for each class" required:"true"`
	Classes []string      `help:"class names in order; all folders, sorted, when empty"`
	Splits  []string      `help:"folders of root of which each holds a folder for each class, such as [train, val, test]; data.split: {column: split} then keeps to them"`
	Group   string        `help:"regular expression on the path below the class's folder; what its first group matches is kept together by splits; when empty, that is the first folder below the class, and a file without one is by itself"`
}

// Validate wants an expression with a group, and names of splits.
func (f Folders) Validate() error {
	for _, name := range f.Splits {
		if _, known := naming.Splits[strings.ToLower(name)]; !known {
			return fmt.Errorf("splits: %q is no name of a split; want such as train, val and test", name)
		}
	}
	if f.Group == "" {
		return errors.Join(onceEach("classes", f.Classes), onceEach("splits", f.Splits))
	}
	expression, err := regexp.Compile(f.Group)
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	if expression.NumSubexp() < 1 {
		return errors.New("group: the expression has no group in parentheses, such as ^(patient[0-9]+)_")
	}
	return errors.Join(onceEach("classes", f.Classes), onceEach("splits", f.Splits))
}

// Read makes a case of every image file.
func (f Folders) Read(ctx context.Context, request *Request) (Found, error) {
	r := folderReader{root: string(f.Root), request: request, found: Found{Root: string(f.Root), Series: map[string]Series{}, folders: map[string]bool{}, Classes: f.Classes, ungrouped: f.Group == ""}}
	if f.Group != "" {
		expression, err := regexp.Compile(f.Group)
		if err != nil {
			return r.found, fmt.Errorf("data.source.folders.group: %w", err)
		}
		r.group = expression
	}
	if len(f.Classes) == 0 {
		names, err := f.ClassFolders()
		if err != nil {
			return r.found, err
		}
		r.found.Classes = names
	}
	if err := f.enough(r.found.Classes, request.known); err != nil {
		return r.found, err
	}
	for _, split := range f.parts() {
		r.split = split
		for label, class := range r.found.Classes {
			if err := r.class(ctx, label, class); err != nil {
				return r.found, err
			}
		}
	}
	if len(f.Splits) > 0 && !request.fixed {
		r.reports.again("unused_split", SplitTag, "")
	}
	if r.found.reports = r.reports; len(r.found.folders) == 0 {
		r.single()
	}
	return r.found, nil
}

// parts are the folders that hold those of classes, below the root.
func (f Folders) parts() []string {
	if len(f.Splits) == 0 {
		return []string{""}
	}
	return f.Splits
}

// enough wants two classes, or one of those that are known, and none that are splits.
func (f Folders) enough(classes []string, known bool) error {
	if n := len(classes); n < 1 || n < 2 && !known {
		return stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{
			Err:  fmt.Errorf("%s has %d folders of classes; want two or more", f.Root, n),
			Hint: "each class has a folder of its own, named as the class",
		}}
	}
	if len(f.Splits) == 0 && len(f.Classes) == 0 && !slices.ContainsFunc(classes, func(name string) bool { _, is := naming.Splits[strings.ToLower(name)]; return !is }) {
		return stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{
			Err:  fmt.Errorf("the folders of %s are those of splits: %s", f.Root, strings.Join(classes, ", ")),
			Hint: fmt.Sprintf("write splits: [%s] beside root, and data.split: {column: split}; or classes, if these are classes", strings.Join(classes, ", ")),
		}}
	}
	return nil
}

// single forgets series where no class has folders: none of several slices is known but what
// files of frames will be.
func (r *folderReader) single() {
	clear(r.found.Series)
	for i := range r.found.Cases {
		r.found.Cases[i].Series = ""
	}
}

// folderReader makes cases of files.
type folderReader struct {
	root    string
	split   string         // folder of root that is read; "" for root itself
	group   *regexp.Regexp // nil when folders are the groups
	request *Request
	reports reports
	found   Found
}

// ClassFolders are the names of all folders of the root, or of the folders of splits in it, sorted.
func (f Folders) ClassFolders() (names []string, err error) {
	for _, part := range f.parts() {
		folder := filepath.Join(string(f.Root), part)
		inside, err := files.Folders(folder)
		if err != nil {
			return nil, stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{Err: files.NotThere(folder, err), Hint: "set it to the folder that holds a folder for each class; a path is relative to the experiment file"}}
		}
		names = append(names, inside...)
		if i := slices.IndexFunc(inside, func(name string) bool { return !utf8.ValidString(name) }); i >= 0 {
			return nil, stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{
				Err: fmt.Errorf("in %s, the name of the folder %q is no UTF-8 text", folder, inside[i]), Hint: "give it another: it is that of a class"}}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// class reads the folder of a class, and those in it.
func (r *folderReader) class(ctx context.Context, label int, class string) error {
	folder := filepath.Join(r.root, r.split, class)
	if _, err := os.Stat(folder); r.split != "" && errors.Is(err, fs.ErrNotExist) {
		return nil // a split may lack a class
	}
	inside := folder + string(filepath.Separator) // also where the folder is a link
	err := files.Walk(inside, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case path == inside:
			return nil
		case e.IsDir() && files.Hidden(e):
			return filepath.SkipDir
		case e.IsDir() || files.Hidden(e):
			return nil
		}
		below, err := filepath.Rel(folder, path)
		if err == nil {
			r.file(path, label, class, filepath.ToSlash(below))
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		return stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{Err: files.NotThere(folder, err), Hint: "each class must have a readable folder below " + r.root}}
	}
	return err
}

// file makes the case of a file; below is its path in the folder of its class.
func (r *folderReader) file(path string, label int, class, below string) {
	in := class
	if r.split != "" {
		in = r.split + "/" + class
	}
	one := stage.Case{ID: in + "/" + below, Group: r.groupOf(in, below), Image: path, Label: label}
	one.Tags = map[string]string{"folder": strings.TrimPrefix(filepath.ToSlash(filepath.Dir(below)), ".")}
	if r.split != "" {
		one.Tags[SplitTag] = string(naming.Splits[strings.ToLower(r.split)])
	}
	if r.request.series {
		one.Series = seriesOf(one.ID, below)
	}
	rule := r.request.Drops(one.Group, one.Series, one.ID)
	switch {
	case rule != "":
		r.reports.add(rule, one.ID, "")
	case !files.IsImage(path):
		r.reports.add("foreign_file", one.ID, "")
	default:
		r.place(one)
		r.found.Cases = append(r.found.Cases, one)
	}
}

// seriesOf names the series of a file: that of its folder, or in the folder of the class its
// own.
func seriesOf(id, below string) string {
	if strings.Contains(below, "/") {
		return path.Dir(id)
	}
	return id
}

// place remembers the series of a case, with all images of its folder.
func (r *folderReader) place(one stage.Case) {
	key, paths := one.Series, []string{one.Image}
	if _, known := r.found.Series[key]; known || key == "" {
		return
	}
	if key != one.ID {
		paths, r.found.folders[key] = files.Images(filepath.Dir(one.Image)), true
	}
	s := Series{Key: key, Study: one.Group}
	for i, path := range paths {
		s.Files = append(s.Files, File{Path: path, Instance: i + 1})
	}
	r.found.Series[key] = s
}

// groupOf names what a file belongs to. Equal folders of two classes are one
// group: a patient may have images of both.
func (r *folderReader) groupOf(in, below string) string {
	if r.group != nil {
		if m := r.group.FindStringSubmatch(below); m != nil {
			return m[1]
		}
		return in + "/" + below
	}
	if first, _, deep := strings.Cut(below, "/"); deep {
		return first
	}
	return in + "/" + below
}
