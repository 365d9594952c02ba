package synth

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// uidRoot is the arc for UIDs made without registration (ISO/IEC 9834-8).
const uidRoot = "2.25."

// write stores every slice of the study.
func (s *study) write(dir string, o Options) error {
	for _, se := range s.series {
		folder := filepath.Join(dir, "train_images", s.name(), strconv.Itoa(se.id))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		for _, sl := range se.slices {
			if sl.missing {
				continue
			}
			data := s.file(se, sl)
			if sl.truncated {
				data = data[:len(data)*2/3]
			}
			if err := os.WriteFile(filepath.Join(folder, strconv.Itoa(sl.instance)+".dcm"), data, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// pixels stores intensities as 16-bit numbers.
func (se *series) pixels(sl *slice) []byte {
	low, high := 0.0, float64(int(1)<<se.stored-1)
	if se.signed {
		low, high = -float64(int(1)<<(se.stored-1)), float64(int(1)<<(se.stored-1)-1)
	}
	out := make([]byte, 0, 2*sl.rows*sl.columns)
	mask := uint16(1<<se.stored - 1)
	if se.stored == 16 {
		mask = 0xffff
	}
	for _, v := range sl.scene.render(sl, se.colSpacing, se.rowSpacing) {
		if sl.blank {
			v = 0
		}
		if se.mono1 {
			v = 1.2 - v
		}
		stored := math.Round(min(max(se.offset+v*se.gain, low), high))
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(int(stored)))&mask)
	}
	return out
}

// file is a DICOM Part 10 file.
func (s *study) file(se *series, sl *slice) []byte {
	sop := fmt.Sprintf("%s%d.%d.%d", uidRoot, s.id, se.id, sl.instance)
	syntax := "1.2.840.10008.1.2.1"
	if se.implicit {
		syntax = "1.2.840.10008.1.2"
	}
	const mrImage = "1.2.840.10008.5.1.4.1.1.4"
	meta := &writer{}
	meta.element(0x0002, 0x0001, "OB", []byte{0, 1})
	meta.text(0x0002, 0x0002, "UI", mrImage)
	meta.text(0x0002, 0x0003, "UI", sop)
	meta.text(0x0002, 0x0010, "UI", syntax)
	meta.text(0x0002, 0x0012, "UI", uidRoot+"1")
	head := &writer{}
	head.element(0x0002, 0x0000, "UL", binary.LittleEndian.AppendUint32(nil, uint32(meta.Len())))

	w := &writer{implicit: se.implicit}
	w.text(0x0008, 0x0005, "CS", "ISO_IR 100")
	w.text(0x0008, 0x0008, "CS", `DERIVED\SECONDARY`)
	w.text(0x0008, 0x0016, "UI", mrImage)
	w.text(0x0008, 0x0018, "UI", sop)
	w.text(0x0008, 0x0020, "DA", "20240101")
	w.text(0x0008, 0x0060, "CS", "MR")
	w.text(0x0008, 0x103e, "LO", se.kind)
	w.text(0x0010, 0x0010, "PN", "Synthetic^"+s.name())
	w.text(0x0010, 0x0020, "LO", "synth-"+s.name())
	w.text(0x0018, 0x0050, "DS", "4")
	if se.gap {
		w.text(0x0018, 0x0088, "DS", "4.5")
	}
	w.text(0x0020, 0x000d, "UI", uidRoot+s.name())
	w.text(0x0020, 0x000e, "UI", fmt.Sprintf("%s%d.%d", uidRoot, s.id, se.id))
	w.text(0x0020, 0x0011, "IS", strconv.Itoa(se.id%1000))
	w.text(0x0020, 0x0013, "IS", strconv.Itoa(sl.instance))
	position, orientation := se.geometry(sl)
	w.text(0x0020, 0x0032, "DS", decimals(position))
	w.text(0x0020, 0x0037, "DS", decimals(orientation))
	w.text(0x0020, 0x0052, "UI", fmt.Sprintf("%s%d.9", uidRoot, s.id))
	se.image(w, sl)
	return append(append(append(append(make([]byte, 128), "DICM"...), head.Bytes()...), meta.Bytes()...), w.Bytes()...)
}

func (se *series) image(w *writer, sl *slice) {
	w.short(0x0028, 0x0002, 1)
	if se.mono1 {
		w.text(0x0028, 0x0004, "CS", "MONOCHROME1")
	} else {
		w.text(0x0028, 0x0004, "CS", "MONOCHROME2")
	}
	w.short(0x0028, 0x0010, sl.rows)
	w.short(0x0028, 0x0011, sl.columns)
	w.text(0x0028, 0x0030, "DS", decimals([]float64{se.rowSpacing, se.colSpacing}))
	w.short(0x0028, 0x0100, 16)
	w.short(0x0028, 0x0101, se.stored)
	w.short(0x0028, 0x0102, se.stored-1)
	w.short(0x0028, 0x0103, map[bool]int{true: 1}[se.signed])
	w.text(0x0028, 0x1050, "DS", decimals([]float64{(se.offset+se.gain/2)*se.slope + se.intercept}))
	w.text(0x0028, 0x1051, "DS", decimals([]float64{se.gain * se.slope}))
	if se.slope != 1 || se.intercept != 0 {
		w.text(0x0028, 0x1052, "DS", decimals([]float64{se.intercept}))
		w.text(0x0028, 0x1053, "DS", decimals([]float64{se.slope}))
	}
	w.element(0x7fe0, 0x0010, "OW", se.pixels(sl))
}

// geometry gives ImagePositionPatient (the first pixel's centre) and
// ImageOrientationPatient: x to the patient's left, y to the back, z up.
func (se *series) geometry(sl *slice) (position, orientation []float64) {
	width, height := float64(sl.columns-1)/2*se.colSpacing, float64(sl.rows-1)/2*se.rowSpacing
	sin, cos := math.Sincos(sl.tilt * math.Pi / 180)
	if se.kind == kindAxial {
		return []float64{-width, -height, sl.position}, []float64{1, 0, 0, 0, cos, sin}
	}
	return []float64{sl.position, -width, height}, []float64{0, 1, 0, 0, 0, -1}
}

// decimals writes a decimal string (VR DS): at most 16 characters a value.
func decimals(v []float64) string {
	parts := make([]string, len(v))
	for i, x := range v {
		parts[i] = strconv.FormatFloat(x, 'g', 8, 64)
	}
	return strings.Join(parts, `\`)
}

// writer puts elements together, with or without value representations.
type writer struct {
	bytes.Buffer
	implicit bool
}

func (w *writer) text(group, element uint16, vr, value string) {
	if len(value)%2 == 1 {
		pad := " "
		if vr == "UI" {
			pad = "\x00"
		}
		value += pad
	}
	w.element(group, element, vr, []byte(value))
}

func (w *writer) short(group, element uint16, value int) {
	w.element(group, element, "US", binary.LittleEndian.AppendUint16(nil, uint16(value)))
}

func (w *writer) element(group, element uint16, vr string, value []byte) {
	head := binary.LittleEndian.AppendUint16(nil, group)
	head = binary.LittleEndian.AppendUint16(head, element)
	switch {
	case w.implicit:
		head = binary.LittleEndian.AppendUint32(head, uint32(len(value)))
	case vr == "OB" || vr == "OW":
		head = append(append(head, vr...), 0, 0)
		head = binary.LittleEndian.AppendUint32(head, uint32(len(value)))
	default:
		head = append(head, vr...)
		head = binary.LittleEndian.AppendUint16(head, uint16(len(value)))
	}
	w.Write(head)
	w.Write(value)
}
