package lookalike

import (
	"os"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/nifti"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

// Read decodes an image of any format that sources take, or a frame of one, and looks at it.
func Read(path string) (Look, error) {
	p, err := readPixels(path)
	if err != nil {
		return Look{}, err
	}
	return p.look(), nil
}

// Frames is Read for several frames of one file: a volume is unpacked once.
func Frames(file string) (func(path string) (Look, error), error) {
	if format, err := headers.Format(file); err != nil || format != "nifti" {
		return Read, nil // which tells the error
	}
	v, err := readVolume(file)
	return func(path string) (Look, error) {
		_, frame := stage.ParseFramePath(path)
		p, err := v.slice(frame)
		if err != nil {
			return Look{}, err
		}
		return p.look(), nil
	}, err
}

// pixels is a grey image, row by row.
type pixels struct {
	width, height int
	values        []float32
}

// readPixels decodes an image of any format that sources take, or a frame of one.
func readPixels(path string) (pixels, error) {
	file, frame := stage.ParseFramePath(path)
	format, err := headers.Format(file)
	if err != nil {
		return pixels{}, err
	}
	switch format {
	case "dicom":
		img, err := dicom.ReadFrame(file, frame-1)
		return pixels{img.Columns, img.Rows, img.Image().Pixels}, err
	case "nifti":
		volume, err := readVolume(file)
		if err != nil {
			return pixels{}, err
		}
		return volume.slice(frame)
	}
	img, err := raster.Read(file)
	if err != nil {
		return pixels{}, err
	}
	return pixels{img.Width, img.Height, img.Grey()}, nil
}

// volume is the unpacked content of a NIfTI file.
type volume []byte

func readVolume(file string) (volume, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return nifti.Unpack(data)
}

// slice is one of the volume, from 1; 0 is the first.
func (v volume) slice(frame int) (pixels, error) {
	h, values, err := nifti.Slice(v, max(frame, 1))
	return pixels{h.Columns, h.Rows, values}, err
}
