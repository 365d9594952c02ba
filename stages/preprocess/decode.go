package preprocess

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/kernel"
	"vertebra/stages/internal/nifti"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

func init() {
	Steps.Add("decode", "reads the image file, DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP or PNM: values of DICOM and NIfTI after slope and intercept", Decode{Colour: "grey", Padding: "darkest", Orientation: "stored"})
}

// Decode reads an image file by its content, whatever its name; it comes first.
type Decode struct {
	Colour  string `help:"what becomes of colour: one grey channel, or three channels (a grey image is repeated)" oneof:"grey rgb"`
	Padding string `help:"what becomes of pixels that a DICOM file declares as padding (PixelPaddingValue): darkest: the smallest of its other values; keep: what they are" oneof:"darkest keep"`
	// Photographs of telephones lie as the sensor did, and say how they are to be turned.
	Orientation string `help:"how JPEG and TIFF files lie: stored: as their rows are stored, as torchvision and PIL open JPEG files (recent versions of PIL turn TIFF files); exif: turned and mirrored as their Orientation says, as viewers and OpenCV show them. Labelled points are those of the stored image" oneof:"stored exif"`
}

// Apply fills the picture from its file.
func (d Decode) Apply(p *Picture) error {
	data := p.File
	file, frame := stage.ParseFramePath(p.Case.Image)
	if data == nil {
		var err error
		if data, _, _, err = readInto(file, nil); err != nil {
			return named(file, err)
		}
	}
	p.File, p.Map = nil, Identity
	if isPicture(data) {
		return d.raster(p, data)
	}
	if isVolume(data) {
		return d.volume(p, data, frame)
	}
	open := dicom.OpenSlice
	if d.Colour == "rgb" {
		open = dicom.OpenColours
	}
	img, err := open(file, data, frame)
	if err != nil {
		return err
	}
	if len(img.PixelSpacing) == 2 {
		p.RowSpacing, p.ColumnSpacing = img.PixelSpacing[0], img.PixelSpacing[1]
	}
	p.Shown = img.Shown()
	if d.Colour == "rgb" && img.Coloured() {
		p.Channels, p.Width, p.Height = 3, img.Columns, img.Rows
		p.Pixels = p.spare.take(3 * img.Rows * img.Columns)
		img.Colours(p.Pixels)
		return nil
	}
	p.Channels, p.Width, p.Height = 1, img.Columns, img.Rows
	var plain bool
	darken := img.Padding != nil && d.Padding != "keep"
	if p.words, plain = img.Words(); !plain || !p.lazy || d.Colour == "rgb" || darken {
		p.words, p.Pixels = kernel.Words{}, p.spare.take(img.Rows*img.Columns)
		img.Modality(p.Pixels)
		p.darkened = darken && img.Darken(p.Pixels)
	}
	return d.tripled(p)
}

// isPicture tells a PNG and the like by its content. What DICOM files begin with may look like
// any other format; see dicom.Is.
func isPicture(data []byte) bool { return !dicom.Is(data) && raster.Is(data) }

// isVolume tells a NIfTI file by its content.
func isVolume(data []byte) bool { return !dicom.Is(data) && nifti.Is(data) }

// named has an error of the system say which file it is about.
func named(file string, err error) error {
	var number unix.Errno
	if errors.As(err, &number) {
		return &os.PathError{Op: "read", Path: file, Err: err}
	}
	return err
}

// volume takes a slice out of a NIfTI file.
func (d Decode) volume(p *Picture, data []byte, frame int) error {
	data, err := nifti.Unpack(data)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Case.Image, err)
	}
	h, values, err := nifti.Slice(data, max(frame, 1))
	if err != nil {
		return fmt.Errorf("%s: %w", p.Case.Image, err)
	}
	p.Channels, p.Width, p.Height, p.Pixels = 1, h.Columns, h.Rows, values
	p.RowSpacing, p.ColumnSpacing = h.RowSpacing, h.ColumnSpacing
	return d.tripled(p)
}

func (d Decode) raster(p *Picture, data []byte) error {
	img, err := raster.Decode(data)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Case.Image, err)
	}
	p.Channels, p.Width, p.Height, p.Pixels = img.Channels, img.Width, img.Height, img.Pixels
	if d.Colour != "rgb" || img.Channels != 3 {
		p.Channels, p.Pixels = 1, img.Grey()
	}
	if d.Orientation == "exif" {
		p.turn(img.Orientation)
	}
	if p.Channels == 3 {
		return nil
	}
	return d.tripled(p)
}

// tripled repeats a grey picture where three channels are wanted.
func (d Decode) tripled(p *Picture) error {
	if p.Width < 1 || p.Height < 1 {
		return errors.New("the image has no pixels")
	}
	if d.Colour == "rgb" {
		grey := p.Pixels
		p.Channels, p.Pixels = 3, append(append(append(make([]float32, 0, 3*len(grey)), grey...), grey...), grey...)
	}
	return nil
}

// Shape is one channel, or three, of the file's size.
func (d Decode) Shape(Shape) (Shape, error) {
	if d.Colour == "rgb" {
		return Shape{Channels: 3}, nil
	}
	return Shape{Channels: 1}, nil
}

// Version is that of the decoder.
func (Decode) Version() int { return 6 }
