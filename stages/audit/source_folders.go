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
	"strconv"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Sources.Add("folders", "a folder of images for each class: DICOM, NIfTI, PNG, JPEG, TIFF", Folders{},
		"folders: {root: ../data/images}")
}

// Folders reads <root>/<class>/…/<image>.
type Folders struct {
	Root    registry.Path `help:"folder that holds a folder for each class" required:"true"`
	Classes []string      `help:"class names in order; all folders, sorted, when empty"`
	Group   string        `help:"regular expression on the path below the class's folder; what its first group matches is kept together by splits; when empty, that is the first folder below the class, and a file without one is by itself"`
}

// Validate wants an expression with a group.
func (f Folders) Validate() error {
	if f.Group == "" {
		return onceEach("classes", f.Classes)
	}
	expression, err := regexp.Compile(f.Group)
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	if expression.NumSubexp() < 1 {
		return errors.New("group: the expression has no group in parentheses, such as ^(patient[0-9]+)_")
	}
	return onceEach("classes", f.Classes)
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
		if err := r.classes(); err != nil {
			return r.found, err
		}
	}
	if n := len(r.found.Classes); n < 2 {
		return r.found, stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{
			Err:  fmt.Errorf("%s has %d folders of classes; want two or more", f.Root, n),
			Hint: "each class has a folder of its own, named as the class",
		}}
	}
	for label, class := range r.found.Classes {
		if err := r.class(ctx, label, class); err != nil {
			return r.found, err
		}
	}
	if r.found.reports = r.reports; len(r.found.folders) == 0 {
		r.single()
	}
	return r.found, nil
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
	group   *regexp.Regexp // nil when folders are the groups
	request *Request
	reports reports
	found   Found
}

// classes are all folders of the root.
func (r *folderReader) classes() error {
	entries, err := os.ReadDir(r.root)
	if err != nil {
		return stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{Err: notThere(r.root, err), Hint: "set it to the folder that holds a folder for each class; a path is relative to the experiment file"}}
	}
	for _, e := range entries {
		if leadsToFolder(r.root, e) && !hidden(e) {
			r.found.Classes = append(r.found.Classes, e.Name())
		}
	}
	return nil
}

// leadsToFolder says whether an entry of a folder is one, or a link to one.
func leadsToFolder(in string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(in, e.Name()))
	return err == nil && info.IsDir()
}

func hidden(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }

// class reads the folder of a class, and those in it.
func (r *folderReader) class(ctx context.Context, label int, class string) error {
	folder := filepath.Join(r.root, class)
	inside := folder + string(filepath.Separator) // also where the folder is a link
	err := filepath.WalkDir(inside, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case path == inside:
			return nil
		case e.IsDir() && hidden(e):
			return filepath.SkipDir
		case e.IsDir() || hidden(e):
			return nil
		}
		below, err := filepath.Rel(folder, path)
		if err == nil {
			r.file(path, label, class, filepath.ToSlash(below))
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		return stage.Wrong{Path: "data.source.folders.root", Err: stage.Fault{Err: notThere(folder, err), Hint: "each class must have a readable folder below " + r.root}}
	}
	return err
}

// file makes the case of a file; below is its path in the folder of its class.
func (r *folderReader) file(path string, label int, class, below string) {
	one := stage.Case{ID: class + "/" + below, Group: r.groupOf(class, below), Image: path, Label: label}
	one.Tags = map[string]string{"folder": strings.TrimPrefix(filepath.ToSlash(filepath.Dir(below)), ".")}
	if r.request.series {
		one.Series = seriesOf(one.ID, below)
	}
	rule := r.request.Drops(one.Group, one.Series, one.ID)
	switch {
	case rule != "":
		r.reports.add(rule, one.ID, "")
	case !imageName(path):
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
		paths, r.found.folders[key] = imagesIn(filepath.Dir(one.Image)), true
	}
	s := Series{Key: key, Study: one.Group}
	for i, path := range paths {
		s.Files = append(s.Files, File{Path: path, Instance: i + 1})
	}
	r.found.Series[key] = s
}

// groupOf names what a file belongs to. Equal folders of two classes are one
// group: a patient may have images of both.
func (r *folderReader) groupOf(class, below string) string {
	if r.group != nil {
		if m := r.group.FindStringSubmatch(below); m != nil {
			return m[1]
		}
		return class + "/" + below
	}
	if first, _, deep := strings.Cut(below, "/"); deep {
		return first
	}
	return class + "/" + below
}

// imageName says whether a file may be an image by its name; one without an
// ending may be DICOM.
func imageName(path string) bool {
	path = strings.TrimSuffix(path, ".gz") // of .nii.gz
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".dcm", ".dicom", ".ima", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".nii", "":
		return true
	default:
		_, err := strconv.Atoi(ending[1:]) // DICOM named by a UID ends in a number
		return err == nil
	}
}

// imagesIn lists the image files of a folder in the order of their names.
func imagesIn(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && imageName(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, stage.CompareNames)
	for i, name := range names {
		names[i] = filepath.Join(folder, name)
	}
	return names
}
