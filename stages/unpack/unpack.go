// Package unpack writes data sets that are published as arrays of NumPy as pictures and a
// table, which a data source then reads: files .npz with arrays of images and labels for each
// split, as MedMNIST has them, and folders of volumes .npy.
package unpack

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/npy"
	"vertebra/stages/stage"
)

// TableName is the file of the table in the folder that is written.
const TableName = "cases.csv"

// Summary says what was written.
type Summary struct {
	Samples int      // pictures, or folders of slices
	Splits  []string // in the order of the archive
	Labels  []string // columns of the table
	Table   bool     // whether there is one: volumes by themselves have no labels
}

// Archive unpacks the arrays of a file .npz: train_images (N×H×W, N×H×W×3, or N×S×H×W, which
// become folders of slices) and train_labels (N or N×K), and so for other splits; or x_train
// and y_train, as Keras names them. The folder must be new or empty.
func Archive(ctx context.Context, path, folder string) (s Summary, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return s, stage.Fault{Err: fmt.Errorf("%s: %w", path, err), Hint: "name a file .npz as numpy.savez writes it, or a folder of files .npy"}
	}
	defer z.Close()
	pairs := pairsOf(z.File)
	if len(pairs) == 0 {
		return s, stage.Fault{Err: fmt.Errorf("%s has no arrays of images and labels; it has %s", path, strings.Join(namesOf(z.File), ", ")),
			Hint: "they are called train_images and train_labels, or x_train and y_train"}
	}
	if err := empty(folder); err != nil {
		return s, err
	}
	var rows [][]string
	for _, p := range pairs {
		labels, err := p.answers()
		if err != nil {
			return s, fmt.Errorf("%s: %s: %w", path, p.labels.Name, err)
		}
		images, err := open(p.images)
		if err == nil {
			rows, err = p.write(ctx, images, folder, labels, rows)
			err = errors.Join(err, images.Close())
		}
		if err != nil {
			return s, fmt.Errorf("%s: %s: %w", path, p.images.Name, err)
		}
		s.Splits = append(s.Splits, p.split)
	}
	if len(rows) == 0 {
		return s, stage.Fault{Err: fmt.Errorf("%s: it holds no image", path), Hint: "numpy.load(...).shape says how many there are"}
	}
	s.Samples, s.Labels, s.Table = len(rows), columnsOf(len(rows[0])-2), true
	return s, writeTable(filepath.Join(folder, TableName), append([][]string{append([]string{"image", "split"}, s.Labels...)}, rows...))
}

// pair are the arrays of a split.
type pair struct {
	split          string
	images, labels *zip.File
}

var (
	imagesName = regexp.MustCompile(`^(?:([A-Za-z0-9]+)_images|[xX]_([A-Za-z0-9]+))\.npy$`)
	labelsOf   = []string{"%s_labels.npy", "y_%s.npy", "Y_%s.npy"}
)

// pairsOf finds images that have labels, in the order of the archive.
func pairsOf(files []*zip.File) (out []pair) {
	for _, f := range files {
		m := imagesName.FindStringSubmatch(f.Name)
		if m == nil {
			continue
		}
		split := m[1] + m[2]
		for _, pattern := range labelsOf {
			at := slices.IndexFunc(files, func(other *zip.File) bool { return other.Name == fmt.Sprintf(pattern, split) })
			if at >= 0 {
				out = append(out, pair{split, f, files[at]})
				break
			}
		}
	}
	return out
}

func namesOf(files []*zip.File) (out []string) {
	for _, f := range files {
		out = append(out, strings.TrimSuffix(f.Name, ".npy"))
	}
	return out
}

// answers reads the labels of each image.
func (p pair) answers() (out [][]string, err error) {
	a, err := open(p.labels)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if len(a.Shape) < 1 || len(a.Shape) > 2 {
		return nil, fmt.Errorf("its shape is %v; want one label, or several, for each image", a.Shape)
	}
	for range a.Rows() {
		row, err := a.next()
		if err != nil {
			return nil, err
		}
		numbers, ok := a.Whole(row)
		if !ok {
			return nil, errors.New("its numbers are no classes: they are not whole")
		}
		var words []string
		for _, n := range numbers {
			words = append(words, strconv.FormatInt(n, 10))
		}
		out = append(out, words)
	}
	return out, nil
}

// write writes the images of a split, and adds a row for each.
func (p pair) write(ctx context.Context, images *array, folder string, labels, rows [][]string) ([][]string, error) {
	if len(images.Shape) == 0 {
		return nil, errors.New("its shape is []; want images, one after the other")
	}
	if images.Rows() != len(labels) {
		return nil, fmt.Errorf("it has %d images, and %s %d labels", images.Rows(), p.labels.Name, len(labels))
	}
	width := len(strconv.Itoa(len(labels)))
	for i := range labels {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row, err := images.next()
		if err != nil {
			return nil, err
		}
		name, err := images.writeSample(row, images.Shape[1:], folder, filepath.Join(p.split, fmt.Sprintf("%0*d", width, i)))
		if err != nil {
			return nil, err
		}
		rows = append(rows, append([]string{filepath.ToSlash(name), p.split}, labels[i]...))
		if len(rows[0]) != len(rows[len(rows)-1]) {
			return nil, errors.New("its images have another number of labels than those before")
		}
	}
	return rows, nil
}

// columnsOf names columns of labels.
func columnsOf(n int) []string {
	if n == 1 {
		return []string{"label"}
	}
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("label_%d", i))
	}
	return out
}

// array is an array that is read row by row.
type array struct {
	npy.Header
	io.Reader
	io.Closer
	row []byte
}

func open(f *zip.File) (*array, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	a, err := newArray(r)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return a, nil
}

// mostRow is the most bytes that an image may have.
const mostRow = 1 << 30

func newArray(r io.ReadCloser) (*array, error) {
	h, err := npy.ReadHeader(r)
	if err != nil {
		return nil, err
	}
	if h.RowBytes() > mostRow {
		return nil, fmt.Errorf("a row of it has %d bytes", h.RowBytes())
	}
	return &array{Header: h, Reader: r, Closer: r, row: make([]byte, h.RowBytes())}, nil
}

// next reads a row; it is overwritten by the next.
func (a *array) next() ([]byte, error) {
	if _, err := io.ReadFull(a, a.row); err != nil {
		return nil, fmt.Errorf("the array ends too early: %w", err)
	}
	return a.row, nil
}

// empty makes a folder, which must not hold anything.
func empty(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err == nil && len(entries) > 0 {
		return stage.Fault{Err: fmt.Errorf("%s is not empty", folder), Hint: "name a new folder"}
	}
	return err
}

func writeTable(path string, rows [][]string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return csv.NewWriter(f).WriteAll(rows)
}
