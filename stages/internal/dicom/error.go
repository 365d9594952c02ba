package dicom

import (
	"errors"
	"fmt"
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Error is what is wrong with a file. That a file is not there is none: such
// errors are those of package os.
type Error struct {
	Path string
	Tag  tag.Tag // the element that is wrong; zero where it is none in particular
	Err  error   // what is wrong with it
}

func (e *Error) Error() string {
	if e.Tag == (tag.Tag{}) {
		return fmt.Sprintf("%s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("%s: %s %v", e.Path, name(e.Tag), e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// ErrNotDICOM is what is wrong with a file of another format.
var ErrNotDICOM = errors.New(`no DICOM file ("DICM" is not at byte 128), and no NIfTI, PNG, JPEG, TIFF, BMP, WebP or PNM`)

// NoImage is what is wrong with a file of DICOM that has none, such as a report, or the plan
// of a radiotherapy.
type NoImage struct{ Modality string }

func (n NoImage) Error() string {
	return fmt.Sprintf("has neither Rows nor PixelData: it is no image (Modality %q), or cut off", n.Modality)
}

// bad is an Error whose file is not known yet.
func bad(t tag.Tag, format string, args ...any) error {
	return &Error{Tag: t, Err: fmt.Errorf(format, args...)}
}

// in makes an error one of a file.
func in(path string, err error) error {
	var known *Error
	if errors.As(err, &known) {
		return &Error{Path: path, Tag: known.Tag, Err: known.Err}
	}
	return &Error{Path: path, Err: err}
}

// name is how messages name an element: "Rows (0028,0010)".
func name(t tag.Tag) string {
	info, err := tag.Find(t)
	if err != nil || strings.TrimSpace(info.Keyword) == "" {
		return t.String()
	}
	return info.Keyword + " " + t.String()
}
