package form

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

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
