package dicom

import (
	"slices"
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// described are elements that say of whom, of what and by what an image was made, and that
// name nobody. They are wanted for people alone: what is wrong with one is no error.
var described = map[tag.Tag]string{
	tag.PatientSex: "CS", tag.PatientAge: "AS", tag.PatientSize: "DS", tag.PatientWeight: "DS", tag.EthnicGroup: "SH",
	tag.Manufacturer: "LO", tag.ManufacturerModelName: "LO", tag.SoftwareVersions: "LO", tag.ProtocolName: "LO",
	tag.BodyPartExamined: "CS", tag.ViewPosition: "CS", tag.Laterality: "CS", tag.ImageLaterality: "CS", tag.PatientPosition: "CS",
	tag.MagneticFieldStrength: "DS", tag.ScanningSequence: "CS", tag.SequenceName: "SH", tag.EchoTime: "DS", tag.RepetitionTime: "DS", tag.FlipAngle: "DS",
	tag.KVP: "DS", tag.XRayTubeCurrent: "IS", tag.ConvolutionKernel: "SH", tag.ContrastBolusAgent: "LO",
	tag.Modality: "CS", tag.SeriesDescription: "LO", tag.SliceThickness: "DS",
}

func init() {
	for at, vr := range described {
		wanted[at] = vr
	}
}

// keywordsOf are those of described elements.
var keywordsOf = func() map[tag.Tag]string {
	out := map[tag.Tag]string{}
	for at := range described {
		if info, err := tag.Find(at); err == nil {
			out[at] = info.Keyword
		}
	}
	return out
}()

// Keywords lists the elements that Header.Says knows, by their keywords.
func Keywords() []string {
	var out []string
	for _, keyword := range keywordsOf {
		out = append(out, keyword)
	}
	slices.Sort(out)
	return out
}

// Said is what elements say, by keyword, in one text: files of a series say much the same.
type Said string

// Between keyword and value, and behind it; no text of DICOM holds them.
const equals, ends = "\x01", "\x02"

// Says gives the value of an element; "" where the file does not have it. Of several values
// it is the first.
func (s Said) Says(keyword string) string {
	_, rest, found := strings.Cut(ends+string(s), ends+keyword+equals)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, ends)
	return value
}

// said collects the elements, in the order of the file.
func (t *tags) said() Said {
	var out strings.Builder
	for _, e := range t.elements {
		keyword := keywordsOf[e.tag]
		if keyword == "" {
			continue
		}
		if value := strings.Trim(strings.Map(printable, t.text(e.tag)), " "); value != "" {
			out.WriteString(keyword + equals + value + ends)
		}
	}
	return Said(out.String())
}

// printable leaves control characters out.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
