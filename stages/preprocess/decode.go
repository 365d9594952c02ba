package preprocess

import "vertebra/stages/internal/dicom"

func init() { Steps.Add("decode", "reads the image file: values after slope and intercept", Decode{}) }

// Decode reads DICOM files; it comes first.
type Decode struct{}

// Apply fills the picture from its file.
func (Decode) Apply(p *Picture) error {
	img, err := dicom.ReadImage(p.Case.Image)
	if err != nil {
		return err
	}
	p.Width, p.Height, p.Pixels = img.Columns, img.Rows, img.Pixels
	if len(img.PixelSpacing) == 2 {
		p.RowSpacing, p.ColumnSpacing = img.PixelSpacing[0], img.PixelSpacing[1]
	}
	if p.Case.Point != nil {
		point := *p.Case.Point
		p.Point = &point
	}
	return nil
}

// Shape is one grey channel of the file's size.
func (Decode) Shape(Shape) (Shape, error) { return Shape{Channels: 1}, nil }

// Version is that of the decoder.
func (Decode) Version() int { return 1 }
