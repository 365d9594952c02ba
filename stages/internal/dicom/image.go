package dicom

import (
	"encoding/binary"
	"fmt"
	"os"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// Image is one grey picture. Pixels hold modality values (after slope and
// intercept), row by row from the top left.
type Image struct {
	Header
	Pixels []float32
}

// The transfer syntaxes whose pixels lie in the file as they are.
const (
	implicitLittle = "1.2.840.10008.1.2"
	explicitLittle = "1.2.840.10008.1.2.1"
	explicitBig    = "1.2.840.10008.1.2.2"
	deflatedLittle = "1.2.840.10008.1.2.1.99"
)

// ReadImage reads a file with its pixels. MONOCHROME1, where the smallest value
// is white, is turned round: each value v becomes min + max − v of its image, so
// that bright is large everywhere and the range stays.
func ReadImage(path string) (Image, error) {
	h, err := ReadHeader(path)
	if err != nil {
		return Image{}, err
	}
	switch h.TransferSyntax {
	case implicitLittle, explicitLittle, explicitBig, deflatedLittle:
	default:
		return Image{}, fmt.Errorf("%s: TransferSyntaxUID %s is compressed; only native pixels are read: decompress with gdcmconv --raw", path, h.TransferSyntax)
	}
	raw, err := rawPixels(path, h)
	if err != nil {
		return Image{}, err
	}
	img := Image{Header: h, Pixels: h.values(raw)}
	if h.Photometric == "MONOCHROME1" {
		invert(img.Pixels)
	}
	return img, nil
}

// rawPixels reads the pixel bytes, after making sure that the file can hold
// what its header claims.
func rawPixels(path string, h Header) ([]byte, error) {
	want := h.Rows * h.Columns * h.BitsAllocated / 8
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if int64(want) > info.Size() && h.TransferSyntax != deflatedLittle {
		return nil, fmt.Errorf("%s: Rows %d and Columns %d ask for %d bytes of PixelData, the whole file holds %d", path, h.Rows, h.Columns, want, info.Size())
	}
	set, err := parse(path, dicom.SkipProcessingPixelDataValue())
	if err != nil {
		return nil, err
	}
	e, err := set.FindElementByTag(tag.PixelData)
	if err != nil {
		return nil, fmt.Errorf("%s: the tag PixelData (7fe0,0010) is missing", path)
	}
	data, ok := e.Value.GetValue().(dicom.PixelDataInfo)
	if !ok || data.IsEncapsulated {
		return nil, fmt.Errorf("%s: PixelData is encapsulated although the transfer syntax is native", path)
	}
	raw := data.UnprocessedValueData
	if len(raw) < want || len(raw) > want+want%2 {
		return nil, fmt.Errorf("%s: PixelData holds %d bytes; Rows %d and Columns %d want %d", path, len(raw), h.Rows, h.Columns, want)
	}
	return raw[:want], nil
}

// values decodes stored values: the sign is extended from BitsStored (higher
// bits may hold overlays), then slope and intercept are applied.
func (h Header) values(raw []byte) []float32 {
	var order binary.ByteOrder = binary.LittleEndian
	if h.TransferSyntax == explicitBig {
		order = binary.BigEndian
	}
	out := make([]float32, h.Rows*h.Columns)
	slope, intercept := h.Slope, h.Intercept
	shift := 32 - h.BitsStored
	for i := range out {
		var v uint32
		if h.BitsAllocated == 8 {
			v = uint32(raw[i])
		} else {
			v = uint32(order.Uint16(raw[2*i:]))
		}
		stored := float64(v << shift >> shift)
		if h.Signed {
			stored = float64(int32(v<<shift) >> shift)
		}
		out[i] = float32(stored*slope + intercept)
	}
	return out
}

func invert(pixels []float32) {
	low, high := pixels[0], pixels[0]
	for _, v := range pixels {
		low, high = min(low, v), max(high, v)
	}
	for i, v := range pixels {
		pixels[i] = low + high - v
	}
}
