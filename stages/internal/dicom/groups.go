package dicom

import (
	"encoding/binary"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// Enhanced files say of each frame what others say of a file (PS3.3, C.7.6.16): in
// items of SharedFunctionalGroupsSequence, for all frames, and of
// PerFrameFunctionalGroupsSequence, an item for each.

// perFrame are the elements that are read of functional groups.
var perFrame = map[tag.Tag]string{
	tag.ImagePositionPatient: "DS", tag.ImageOrientationPatient: "DS",
	tag.PixelSpacing: "DS", tag.SliceThickness: "DS", tag.SpacingBetweenSlices: "DS",
	tag.RescaleSlope: "DS", tag.RescaleIntercept: "DS",
	tag.WindowCenter: "DS", tag.WindowWidth: "DS", tag.VOILUTFunction: "CS",
}

// groupSequences are where they lie.
var groupSequences = map[tag.Tag]bool{
	tag.PlanePositionSequence: true, tag.PlaneOrientationSequence: true, tag.PixelMeasuresSequence: true,
	tag.PixelValueTransformationSequence: true, tag.FrameVOILUTSequence: true,
}

// frameGroups are what a file says of its frames. They hold no bytes of the file.
type frameGroups struct {
	order  binary.ByteOrder
	shared []kept
	frames [][]kept
}

// isFunctional tells the sequences of functional groups.
func isFunctional(t tag.Tag) bool {
	return t == tag.SharedFunctionalGroupsSequence || t == tag.PerFrameFunctionalGroupsSequence
}

// functional reads one of the two sequences, and gives where the next element begins.
func (w *walker) functional(out *scanned, e header) (int64, error) {
	if out.groups == nil {
		out.groups = &frameGroups{order: w.order}
	}
	return w.sequence(e, 0, func(at, end int64) (int64, error) {
		var found []kept
		next, err := w.gather(at, end, 1, &found)
		if e.tag == tag.SharedFunctionalGroupsSequence {
			out.groups.shared = append(out.groups.shared, found...)
		} else {
			out.groups.frames = append(out.groups.frames, found)
		}
		return next, err
	})
}

// sequence calls use with where the elements of each item begin and end (−1: at a
// delimiter); use says where they did end.
func (w *walker) sequence(e header, depth int, use func(at, end int64) (int64, error)) (int64, error) {
	if depth >= deepest {
		return 0, bad(e.tag, "lies more than %d sequences deep", deepest)
	}
	end, err := w.within(e)
	if err != nil {
		return 0, err
	}
	for at := e.value; end < 0 || at < end; {
		item, err := w.element(at)
		if err != nil {
			return 0, err
		}
		if item.tag == tag.SequenceDelimitationItem && end < 0 {
			return item.value, nil
		}
		if item.tag != tag.Item {
			return 0, bad(e.tag, "holds %s where an item must be", name(item.tag))
		}
		last, err := w.within(item)
		if err != nil {
			return 0, err
		}
		if at, err = use(item.value, last); err != nil {
			return 0, err
		}
	}
	return end, nil
}

// within gives where a value ends; −1 when only a delimiter tells.
func (w *walker) within(e header) (int64, error) {
	if e.length < 0 {
		return -1, nil
	}
	if e.length > w.size-e.value {
		return 0, bad(e.tag, "claims %d bytes, the file has %d left", e.length, w.size-e.value)
	}
	return e.value + e.length, nil
}

// gather takes the elements of an item that are wanted of functional groups, of the
// sequences in it too.
func (w *walker) gather(at, end int64, depth int, out *[]kept) (int64, error) {
	for end < 0 || at < end {
		e, err := w.element(at)
		if err != nil {
			return 0, err
		}
		if e.tag == tag.ItemDelimitationItem && end < 0 {
			return e.value, nil
		}
		vr, wanted := perFrame[e.tag]
		switch {
		case wanted:
			e.vr = e.known()
			if e.vr != "" {
				vr = e.vr
			}
			raw, err := w.copy(e)
			if err != nil {
				return 0, err
			}
			*out = append(*out, kept{e.tag, vr, append([]byte(nil), raw...)})
			at = e.value + e.length
		case groupSequences[e.tag] && (e.vr == "SQ" || e.vr == ""):
			at, err = w.sequence(e, depth, func(at, end int64) (int64, error) { return w.gather(at, end, depth+1, out) })
		default:
			at, err = w.end(e, w.implicit, depth)
		}
		if err != nil {
			return 0, err
		}
	}
	return end, nil
}

// Slice is Frame for a file that may have one frame only: the first is 1, and 0 means
// that of such a file. Its number stands for InstanceNumber where there are several.
func (h Header) Slice(frame int) (Header, error) {
	number, err := h.frameNumber(frame - 1)
	if err != nil {
		return h, in(h.path, err)
	}
	if h.Frames > 1 {
		h.InstanceNumber = &frame
	}
	return h.Frame(number)
}

// Frame is the header as it is for one of the frames, the first of which is 0: where
// functional groups say something of it, that counts.
func (h Header) Frame(number int) (Header, error) {
	if h.groups == nil {
		return h, nil
	}
	t := &tags{order: h.groups.order}
	if number < len(h.groups.frames) {
		t.elements = append(t.elements, h.groups.frames[number]...)
	}
	t.elements = append(t.elements, h.groups.shared...)
	instead := func(to *[]float64, at tag.Tag) {
		if v := t.numbers(at); v != nil {
			*to = v
		}
	}
	instead(&h.Position, tag.ImagePositionPatient)
	instead(&h.Orientation, tag.ImageOrientationPatient)
	if spacing, atDetector := t.spacing(); spacing != nil {
		h.PixelSpacing, h.AtDetector = spacing, atDetector
	}
	if center, width, function, fault := t.windows(); center != nil || fault != nil {
		h.WindowCenter, h.Width, h.WindowFunction, h.windowFault = center, width, function, fault
	}
	h.SliceThickness, h.SpacingBetween = t.numberOr(tag.SliceThickness, h.SliceThickness), t.numberOr(tag.SpacingBetweenSlices, h.SpacingBetween)
	h.Slope, h.Intercept = t.numberOr(tag.RescaleSlope, h.Slope), t.numberOr(tag.RescaleIntercept, h.Intercept)
	if t.err == nil && h.Slope == 0 {
		t.fail(tag.RescaleSlope, "is 0: every pixel would be the same")
	}
	if t.err == nil {
		t.err = h.checkGeometry()
	}
	if t.err != nil {
		return h, in(h.path, t.err)
	}
	return h, nil
}
