// Package form reads what somebody sends over HTTP: files, which it writes into a folder as they come,
// and words. All of it is made by strangers.
package form

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"vertebra/stages/stage"
)

// Sent is what a request sends.
type Sent struct {
	Files      []string               // below the folder, by CleanName
	Points     map[string]stage.Point // places to look at, by image: a file, or a frame of one (heart.dcm#3)
	Place      string                 // what to look for
	Covariates map[string]string      // what is known of all files; of none an empty value
	Views      map[string]string      // files by the view that each is
	Pictures   bool                   // the answer has them
	Frame      int                    // of the file that is to be shown; 0 of one that has none
}

// Refused is a request that cannot be taken, with the status of HTTP that says so.
type Refused struct {
	Status int
	error
}

// Refuse makes an error of that kind.
func Refuse(status int, err error) Refused { return Refused{status, err} }

// Unwrap gives what is wrong.
func (r Refused) Unwrap() error { return r.error }

// bad is a request that is not written as it should be.
func bad(hint, format string, args ...any) error {
	return Refused{http.StatusBadRequest, stage.Fault{Err: fmt.Errorf(format, args...), Hint: hint}}
}

// Limits of a request, besides its bytes.
const (
	mostFiles = 20_000
	mostValue = 1 << 14 // bytes of a field that is no file
	mostTold  = 2_000   // fields that are no files
)

// Names of fields, for those who send them; those of views and covariates have the name of one behind them.
const (
	FilesField     = "files"
	ViewField      = "view."
	CovariateField = "covariate."
	PointField     = "point"
	PlaceField     = "place"
	PicturesField  = "pictures"
	FrameField     = "frame"
)

const knownFields = "known: files, view.NAME, covariate.NAME, point, place, pictures"

// Read reads a request of multipart/form-data (RFC 7578), and writes its files into a folder as
// they come. Names of files may have folders, which Go's Part.FileName leaves out.
func Read(r *http.Request, dir string) (s Sent, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return s, Refused{http.StatusUnsupportedMediaType, stage.Fault{Err: errors.New("the request is no multipart/form-data"), Hint: "send files as a form does: curl -F files=@image.dcm"}}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	in := receiver{root: root, Sent: Sent{Points: map[string]stage.Point{}, Covariates: map[string]string{}, Views: map[string]string{}}}
	end := &ending{from: r.Body}
	parts := multipart.NewReader(end, params["boundary"])
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && strings.Contains(string(end.last), "--"+params["boundary"]+"--"):
			_, _ = io.Copy(io.Discard, io.LimitReader(end, mostValue)) // to its end: from then on the server sees whether somebody still waits
			return in.Sent, in.place()
		case errors.Is(err, io.EOF):
			err = io.ErrUnexpectedEOF
		case err == nil:
			err = in.take(part)
		}
		if err != nil {
			return s, unread(err)
		}
	}
}

// ending keeps the last bytes of what is read: where a body ends within the head of a part, Go's
// reader says no more than that it ends.
type ending struct {
	from io.Reader
	last []byte
}

// Read reads on.
func (e *ending) Read(to []byte) (n int, err error) {
	const most = 200 // a boundary has 70 at most (RFC 2046, section 5.1.1)
	n, err = e.from.Read(to)
	e.last = append(e.last, to[max(0, n-most):n]...)
	e.last = e.last[max(0, len(e.last)-most):]
	return n, err
}

// unread says what is wrong with a body that cannot be read to its end.
func unread(err error) error {
	var large *http.MaxBytesError
	var refused Refused
	var pathError *os.PathError
	switch {
	case errors.As(err, &refused), errors.As(err, &pathError): // the last is a full disk
		return err
	case errors.As(err, &large):
		return Refused{http.StatusRequestEntityTooLarge, stage.Fault{Err: fmt.Errorf("the request is larger than %d bytes", large.Limit), Hint: "send fewer files at once, or let runner try take more: --upload"}}
	}
	return bad("send multipart/form-data as a form does: curl -F files=@image.dcm", "the request cannot be read: %w", err)
}

// receiver takes one part after the other.
type receiver struct {
	Sent
	root   *os.Root
	told   int
	points []string // as they came: files may come later
}

// take takes a part: a file where it has the name of one, else a word.
func (r *receiver) take(part *multipart.Part) error {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return err
	}
	field := part.FormName()
	if name, isFile := params["filename"]; isFile {
		if name == "" {
			return nil // a form in which nobody chose a file
		}
		return r.file(field, name, part)
	}
	if r.told++; r.told > mostTold {
		return bad("send fewer", "more than %d fields came", mostTold)
	}
	value, err := io.ReadAll(io.LimitReader(part, mostValue+1))
	if err != nil {
		return err
	}
	if len(value) > mostValue {
		return bad("send files with their names: curl -F files=@image.dcm", "the field %.40q has more than %d bytes", field, mostValue)
	}
	return r.field(field, string(value))
}

// file writes a file to the disk.
func (r *receiver) file(field, name string, content io.Reader) error {
	view, isView := strings.CutPrefix(field, ViewField)
	if !isView && field != FilesField {
		return bad(knownFields, "a file came as %.40q", field)
	}
	if Hidden(name) {
		return nil // nothing that a person chose
	}
	name, err := CleanName(name)
	if err != nil {
		return bad("call it otherwise", "%w", err)
	}
	if isView {
		if _, twice := r.Views[view]; twice {
			return bad("send samples one by one", "two files came as %.60s", field)
		}
		folder, err := CleanName(view)
		if err != nil {
			return bad("name a view", "%.60q names no view: %w", field, err)
		}
		name = path.Join(folder, path.Base(name))
		r.Views[view] = name
	}
	if len(r.Files) == mostFiles {
		return bad("send fewer at once", "more than %d files came", mostFiles)
	}
	if err := r.write(name, content); err != nil {
		return err
	}
	r.Files = append(r.Files, name)
	return nil
}

func (r *receiver) write(name string, content io.Reader) error {
	if err := r.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		if !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return bad("call one of them otherwise", "%s cannot be a file in a folder: a file is called as the folder", name)
	}
	out, err := r.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return bad("call one of them otherwise", "two files are called %s", name)
	case err != nil:
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}

// field takes a word.
func (r *receiver) field(name, value string) (err error) {
	covariate, isCovariate := strings.CutPrefix(name, CovariateField)
	switch {
	case isCovariate:
		if value = strings.TrimSpace(value); value != "" {
			r.Covariates[covariate] = value
		}
	case name == PointField:
		r.points = append(r.points, value)
	case name == PlaceField:
		r.Place = value
	case name == PicturesField:
		switch value {
		case "yes", "no":
			r.Pictures = value == "yes"
		default:
			return bad("pictures=yes adds what the nets saw and where they looked", "pictures is %.20q", value)
		}
	case name == FrameField:
		if r.Frame, err = strconv.Atoi(value); err != nil || r.Frame < 1 || r.Frame > 9_999_999 {
			return bad("the first is 1", "frame is %.20q", value)
		}
	case strings.HasPrefix(name, ViewField), name == FilesField:
		return bad("send it with its name: curl -F "+name+"=@image.dcm", "%.60s is no file", name)
	default:
		return bad(knownFields, "there is no field %.40q", name)
	}
	return nil
}

// place reads the points, now that the files are there.
func (r *receiver) place() error {
	for _, text := range r.points {
		image, point, err := parsePoint(text)
		if err != nil {
			return bad("write point=X,Y of an only image, or point=NAME,X,Y, in pixels from the middle of its top left one", "point is %.60q: %w", text, err)
		}
		switch {
		case image == "" && len(r.Files) == 1:
			image = r.Files[0]
		case image == "":
			return bad("write point=NAME,X,Y", "nobody says which of %d files the point %.40s lies in", len(r.Files), text)
		default:
			if image, err = r.named(image); err != nil {
				return bad("name a file that is sent", "%w", err)
			}
		}
		if _, twice := r.Points[image]; twice {
			return bad("send one for each image", "two points lie in %s", image)
		}
		r.Points[image] = point
	}
	return nil
}

// named is the image of a name: view.left of the file that is this view, and #3 of a frame of it.
func (r *receiver) named(name string) (string, error) {
	file, frame := stage.ParseFramePath(name)
	view, isView := strings.CutPrefix(file, ViewField)
	switch path, there := r.Views[view]; {
	case !isView || !there:
		return CleanName(name)
	case frame > 0:
		return stage.FramePath(path, frame), nil
	default:
		return path, nil
	}
}

// parsePoint reads NAME,X,Y, where the name may have commas, or X,Y.
func parsePoint(text string) (image string, p stage.Point, err error) {
	words := strings.Split(text, ",")
	n := len(words)
	if n < 2 {
		return "", p, errors.New("want two numbers")
	}
	number := func(word string) float64 {
		v, ok := stage.ParseCovariate(word)
		if !ok && err == nil {
			err = errors.New("want two numbers, with points")
		}
		return v
	}
	p.X, p.Y = number(words[n-2]), number(words[n-1])
	return strings.Join(words[:n-2], ","), p, err
}
