package synth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// mrImage is the SOP class MR Image Storage.
const mrImage = "1.2.840.10008.5.1.4.1.1.4"

// Transfer syntaxes.
const (
	implicitLittleEndian = "1.2.840.10008.1.2"
	explicitLittleEndian = "1.2.840.10008.1.2.1"
)

// write stores every slice of the study.
func (s *study) write(ctx context.Context, dir string) error {
	texture := newGrain(rand.New(rand.NewPCG(s.seed, 0)))
	for _, se := range s.series {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(s.folder(se))), 0o755); err != nil {
			return err
		}
		for _, sl := range se.slices {
			if sl.missing {
				continue
			}
			if err := context.Cause(ctx); err != nil {
				return err
			}
			name := s.path(se, sl)
			data, err := s.file(se, sl, texture)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *study) folder(se *series) string {
	return path.Join(s.part.images(), s.name(), strconv.Itoa(se.id))
}

func (s *study) path(se *series, sl *slice) string {
	return path.Join(s.folder(se), strconv.Itoa(sl.instance)+".dcm")
}

// file is a DICOM Part 10 file.
func (s *study) file(se *series, sl *slice, texture *grain) ([]byte, error) {
	var h header
	s.identify(&h, se, sl)
	s.place(&h, se, sl)
	se.describe(&h, sl)
	if se.private {
		h.private()
	}
	// Native pixel data as bytes: the library's own frames hold no signed
	// numbers, and are written twenty times slower.
	h.add(tag.PixelData, dicom.PixelDataInfo{IntentionallyUnprocessed: true, UnprocessedValueData: s.pixels(se, sl, texture)})
	if h.err != nil {
		return nil, h.err
	}
	var out bytes.Buffer
	if err := dicom.Write(&out, dicom.Dataset{Elements: h.elements}); err != nil {
		return nil, err
	}
	if sl.truncated {
		out.Truncate(out.Len() * 2 / 3)
	}
	return out.Bytes(), nil
}

// identify says what the file is and whose.
func (s *study) identify(h *header, se *series, sl *slice) {
	instance := uid("instance", s.id, se.id, sl.instance)
	syntax := explicitLittleEndian
	if se.implicit {
		syntax = implicitLittleEndian
	}
	h.add(tag.FileMetaInformationVersion, []byte{0, 1})
	h.text(tag.MediaStorageSOPClassUID, mrImage)
	h.text(tag.MediaStorageSOPInstanceUID, instance)
	h.text(tag.TransferSyntaxUID, syntax)
	h.text(tag.ImplementationClassUID, uid("implementation", version))
	h.text(tag.SpecificCharacterSet, "ISO_IR 100")
	h.text(tag.ImageType, "DERIVED", "SECONDARY")
	h.text(tag.SOPClassUID, mrImage)
	h.text(tag.SOPInstanceUID, instance)
	h.text(tag.Modality, "MR")
	h.text(tag.SeriesDescription, se.kind.String())
	name, birth := "", ""
	if se.named {
		name, birth = "Doe^Jane", "19500101"
	}
	h.text(tag.PatientName, name)
	h.text(tag.PatientID, "synth-"+s.name())
	h.text(tag.PatientBirthDate, birth)
	h.text(tag.BodyPartExamined, "LSPINE")
}

// place says where the picture lies in the patient.
func (s *study) place(h *header, se *series, sl *slice) {
	h.text(tag.SliceThickness, "4")
	if se.gap {
		h.decimals(tag.SpacingBetweenSlices, sagittalGap)
	}
	h.text(tag.PatientPosition, "HFS")
	h.text(tag.StudyInstanceUID, uid("study", s.id))
	of := "series"
	if sl.foreign {
		of = "another series"
	}
	h.text(tag.SeriesInstanceUID, uid(of, s.id, se.id))
	h.text(tag.SeriesNumber, strconv.Itoa(se.number))
	h.text(tag.InstanceNumber, strconv.Itoa(sl.instance))
	position, orientation := s.body.geometry(se, sl)
	if !se.unplaced {
		h.decimals(tag.ImagePositionPatient, position[:]...)
	}
	h.decimals(tag.ImageOrientationPatient, orientation[:]...)
	h.text(tag.FrameOfReferenceUID, uid("frame", s.id))
}

// describe says how the pixels are stored.
func (se *series) describe(h *header, sl *slice) {
	photometric, representation := "MONOCHROME2", 0
	if se.inverted {
		photometric = "MONOCHROME1"
	}
	if se.signed {
		representation = 1
	}
	h.add(tag.SamplesPerPixel, []int{1})
	h.text(tag.PhotometricInterpretation, photometric)
	h.add(tag.Rows, []int{sl.rows})
	h.add(tag.Columns, []int{sl.columns})
	h.decimals(tag.PixelSpacing, sl.rowSpacing, sl.columnSpacing)
	h.add(tag.BitsAllocated, []int{16})
	h.add(tag.BitsStored, []int{se.stored})
	h.add(tag.HighBit, []int{se.stored - 1})
	h.add(tag.PixelRepresentation, []int{representation})
	if se.burned {
		h.text(tag.BurnedInAnnotation, "YES")
	}
	centre, width := []float64{(se.offset+0.6*se.gain)*se.slope + se.shift}, []float64{1.2 * se.gain * se.slope}
	if se.windows {
		centre, width = append(centre, centre[0]*1.2), append(width, width[0]*0.8)
	}
	h.decimals(tag.WindowCenter, centre...)
	h.decimals(tag.WindowWidth, width...)
	if se.slope != 1 || se.shift != 0 {
		h.decimals(tag.RescaleIntercept, se.shift)
		h.decimals(tag.RescaleSlope, se.slope)
	}
}

// uid makes a unique identifier of what it stands for: a UUID (RFC 9562, version
// 8) below the root 2.25, as PS3.5 B.2 has it.
func uid(what string, parts ...int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "vertebra synth %s %v", what, parts))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return "2.25." + new(big.Int).SetBytes(sum[:16]).String()
}

// header collects elements and keeps the first error.
type header struct {
	elements []*dicom.Element
	err      error
}

func (h *header) add(t tag.Tag, value any) {
	e, err := dicom.NewElement(t, value)
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("tag %v: %w", t, err)
	}
	h.elements = append(h.elements, e)
}

func (h *header) text(t tag.Tag, values ...string) { h.add(t, values) }

// private adds a private element, and before it who made it up (PS3.5, 7.8.1).
func (h *header) private() {
	for _, e := range []struct {
		element uint16
		text    string
	}{{0x10, "VERTEBRA"}, {0x1001, "something of the maker's"}} {
		value, err := dicom.NewValue([]string{e.text})
		if err != nil && h.err == nil {
			h.err = err
		}
		t := tag.Tag{Group: 0x29, Element: e.element}
		h.elements = append(h.elements, &dicom.Element{Tag: t, ValueRepresentation: tag.VRStringList, RawValueRepresentation: "LO", Value: value})
	}
}

// decimals adds decimal strings (VR DS), of at most 16 characters each.
func (h *header) decimals(t tag.Tag, values ...float64) {
	texts := make([]string, len(values))
	for i, v := range values {
		text := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 6, 64), "0"), ".")
		if text == "-0" {
			text = "0"
		}
		texts[i] = text
	}
	h.add(t, texts)
}
