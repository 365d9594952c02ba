// Package form reads what somebody sends over HTTP: files, which it writes into a folder as they come,
// and words. All of it is made by strangers.
package form

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"

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
