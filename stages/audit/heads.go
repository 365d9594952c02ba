package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

// head is what an image file says of itself, without its pixels.
type head struct {
	Size, Time    int64 // bytes; of modification, ns since 1970
	Format        string
	Rows, Columns int
	Frames        int // of the file
	PixelSpacing  []float64
	SliceSpacing  bool // SpacingBetweenSlices is there
	Position      []float64
	Orientation   []float64
	Instance      *int
	PatientID     string
	SeriesUID     string
	BurnedIn      bool     // BurnedInAnnotation is YES
	Identifying   []string // names of elements that may tell who the patient is
	Private       int      // private elements
	Missing       bool
	Err           string // why the file cannot be used; "" when it can
}

// headers are what the image files say, by path.
type headers map[string]*head

// readHeaders reads the headers of image files. What is in the cache for a file
// of the same size and time is not read again. Without a cache folder nothing is
// remembered.
func readHeaders(ctx context.Context, env stage.Env, paths []string) (headers, error) {
	cache := openCache(env.Cache, "headers.bin", headMagic)
	found, fresh := make([]*head, len(paths)), make([]bool, len(paths))
	err := eachFile(ctx, env, "headers", paths, func(i int) { found[i], fresh[i] = readHead(cache, paths[i]) })
	var names []string
	var heads []*head
	out := make(headers, len(paths))
	for i, path := range paths {
		if out[path] = found[i]; fresh[i] {
			names, heads = append(names, absolute(path)), append(heads, found[i])
		}
	}
	return out, errors.Join(err, cache.add(news{names, func(i int) []byte {
		return append(stampOf(heads[i].Size, time.Unix(0, heads[i].Time)), heads[i].record()...)
	}}))
}

// eachFile works on files with all workers, and stops when the context ends.
func eachFile(ctx context.Context, env stage.Env, label string, paths []string, work func(i int)) error {
	var read atomic.Int64
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	const piece = 64
	for from := 0; from < len(paths); from += piece {
		group.Go(func() error {
			for i := from; i < min(from+piece, len(paths)); i++ {
				if inner.Err() != nil {
					return context.Cause(inner)
				}
				work(i)
			}
			done := int(read.Add(piece))
			env.Recorder.Progress(stage.Progress{Stage: "audit", Label: label, Done: min(done, len(paths)), Total: len(paths), Unit: "files"})
			return nil
		})
	}
	return group.Wait()
}

// readHead reads one file's header, or finds it in the cache; fresh says whether the
// cache is to remember it.
func readHead(cache *fileCache, path string) (h *head, fresh bool) {
	file, frame := stage.FrameOf(path)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &head{Missing: true, Err: "the image file is not there"}, false
	case err != nil:
		return &head{Err: err.Error()}, false
	case info.IsDir():
		return &head{Err: path + ": a folder, no image file"}, false
	}
	if known := cache.record(path, info); known != nil {
		if h, err = parseHead(known); err == nil {
			h.Size, h.Time = info.Size(), info.ModTime().UnixNano()
			return h, false
		}
	}
	h = &head{Size: info.Size(), Time: info.ModTime().UnixNano()}
	f, err := os.Open(file) // once: on a network drive that takes longer than to read
	if err == nil {
		defer f.Close()
		h.Format, err = format(f)
	}
	if err != nil {
		h.Err = err.Error()
		return h, false // that may pass
	}
	if err = h.readFile(file, f, frame); err != nil {
		h.Err = err.Error()
	}
	return h, true
}

func (h *head) readFile(path string, f *os.File, frame int) error {
	switch {
	case h.Format == "dicom":
		return h.readDICOM(path, f, frame)
	case frame > 0:
		return fmt.Errorf("%s: has no frames, it is no DICOM file", path)
	}
	return h.readPicture(path)
}

// formatOf tells by content: a name may say anything.
func formatOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return format(f)
}

func format(f *os.File) (string, error) {
	var start [12]byte
	n, err := f.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if raster.Is(start[:n]) {
		return "raster", nil
	}
	return "dicom", nil
}

func (h *head) readPicture(path string) error {
	r, err := raster.ReadHeader(path)
	h.Rows, h.Columns, h.Format = r.Height, r.Width, r.Format
	return err
}

func (h *head) readDICOM(path string, f *os.File, frame int) error {
	d, err := dicom.ReadHeaderOf(path, f, h.Size)
	if err == nil && frame > 0 {
		d, err = d.Slice(frame)
	}
	if err != nil {
		return err
	}
	h.Frames = d.Frames
	h.Rows, h.Columns, h.PixelSpacing = d.Rows, d.Columns, d.PixelSpacing
	h.Position, h.Orientation, h.Instance = d.Position, d.Orientation, d.InstanceNumber
	h.PatientID, h.SeriesUID, h.SliceSpacing = d.PatientID, d.SeriesUID, d.SpacingBetween > 0
	h.BurnedIn, h.Identifying, h.Private = d.BurnedIn == "YES", d.Identifying, d.Private
	return d.CheckPixels()
}

// patients maps each study to its PatientID, the smallest if it has several.
// It is nil when the files tell nothing: no ids, or one for all studies, as some
// ways of taking names away leave behind.
func (h headers) patients(cases []stage.Case) map[string]string {
	out, ids := map[string]string{}, map[string]bool{}
	for _, c := range cases {
		id := h.patient(c)
		if old, known := out[c.Group]; id != "" && (!known || id < old) {
			out[c.Group] = id
		}
	}
	for _, id := range out {
		ids[id] = true
	}
	if len(ids) == 0 || len(ids) == 1 && len(out) > 1 {
		return nil
	}
	return out
}

// patient is the PatientID of a case's image; "" when the file has none.
func (h headers) patient(c stage.Case) string {
	if one := h[c.Image]; one != nil {
		return one.PatientID
	}
	return ""
}
