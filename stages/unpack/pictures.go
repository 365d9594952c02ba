package unpack

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/stage"
)

// writeSample writes an image as a PNG file, or a volume as a folder of them; name is its path
// below the folder, without an ending. It gives the path.
func (a *array) writeSample(data []byte, shape []int, folder, name string) (string, error) {
	if len(shape) == 2 || len(shape) == 3 && shape[2] == 3 {
		name += ".png"
		return name, a.writePicture(data, shape, filepath.Join(folder, name))
	}
	if len(shape) != 3 || shape[0] == 0 {
		return "", fmt.Errorf("its images have the shape %v; want rows and columns, maybe with three colours, or with slices before", shape)
	}
	size := len(data) / shape[0]
	for i := range shape[0] {
		if err := a.writePicture(data[i*size:][:size], shape[1:], filepath.Join(folder, name, fmt.Sprintf("%03d.png", i+1))); err != nil {
			return "", err
		}
	}
	return name, nil
}

func (a *array) writePicture(data []byte, shape []int, path string) (err error) {
	picture, err := a.picture(data, shape)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, picture)
}

// picture keeps values as they are: 8 or 16 bits without sign.
func (a *array) picture(data []byte, shape []int) (image.Image, error) {
	rows, columns, colour := shape[0], shape[1], len(shape) == 3
	at := image.Rect(0, 0, columns, rows)
	switch {
	case rows == 0 || columns == 0:
		return nil, fmt.Errorf("its images have %d rows and %d columns", rows, columns)
	case a.Bytes == 1 && a.Kind == 'u' && !colour:
		return &image.Gray{Pix: data, Stride: columns, Rect: at}, nil
	case a.Bytes == 1 && a.Kind == 'u':
		out := image.NewNRGBA(at)
		for i := range rows * columns {
			copy(out.Pix[4*i:], data[3*i:3*i+3])
			out.Pix[4*i+3] = 255
		}
		return out, nil
	}
	values, ok := a.Whole(data)
	if !ok || colour {
		return nil, errors.New("its values are no whole numbers of 8 or 16 bits: convert them first, such as with (255 * x).astype('uint8')")
	}
	out := image.NewGray16(at)
	for i, v := range values {
		if v < 0 || v > 65535 {
			return nil, fmt.Errorf("it has the value %d; want 0 to 65535: shift or scale the values first", v)
		}
		out.SetGray16(i%columns, i/columns, color.Gray16{Y: uint16(v)})
	}
	return out, nil
}

// Volumes writes each file .npy below a folder as a picture, or as a folder of slices, of the
// same name below another one, which must be new or empty.
func Volumes(ctx context.Context, from, folder string) (s Summary, err error) {
	if err := empty(folder); err != nil {
		return s, err
	}
	err = filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case e.IsDir() || !strings.EqualFold(filepath.Ext(path), ".npy"):
			return nil
		}
		below, err := filepath.Rel(from, path)
		if err == nil {
			err = volume(path, folder, strings.TrimSuffix(below, filepath.Ext(below)))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		s.Samples++
		return nil
	})
	if err == nil && s.Samples == 0 {
		err = stage.Fault{Err: fmt.Errorf("there is no file .npy in %s", from), Hint: "name a file .npz, or a folder of files .npy"}
	}
	return s, err
}

// volume writes the array of a file.
func volume(path, folder, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	a, err := newArray(f)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if size := int64(a.Rows()) * int64(a.RowBytes()); size > info.Size() {
		return fmt.Errorf("the array ends too early: %d bytes of %d", info.Size(), size)
	}
	a.row = make([]byte, a.Rows()*a.RowBytes())
	data, err := a.next()
	if err != nil {
		return err
	}
	_, err = a.writeSample(data, a.Shape, folder, name)
	return err
}
