package dicom

import "github.com/suyashkumar/dicom/pkg/tag"

// What says how large pixels are, and how they are to be shown, is not wanted by every experiment:
// a value that means nothing is as if it were not there, and refuses no file.

// optional reads numbers that a file may have wrong; nil then, and why.
func (t *tags) optional(at tag.Tag) ([]float64, error) {
	one := tags{elements: t.elements, order: t.order}
	return one.numbers(at), one.err
}

// spacing is PixelSpacing; or where a file has none that means anything, as projections have, that of
// the detector, ImagerPixelSpacing, less what the patient is magnified by, where that is said; or that of
// a scanned film, NominalScannedPixelSpacing (PS3.3, 10.7.1.3).
func (t *tags) spacing() (mm []float64, atDetector bool) {
	for _, at := range []tag.Tag{tag.PixelSpacing, tag.ImagerPixelSpacing, tag.NominalScannedPixelSpacing} {
		mm, _ := t.optional(at)
		if len(mm) != 2 || !(mm[0] > 0 && mm[1] > 0) {
			continue
		}
		if by, _ := t.optional(tag.EstimatedRadiographicMagnificationFactor); at == tag.ImagerPixelSpacing && len(by) == 1 && by[0] >= 1 {
			mm = []float64{mm[0] / by[0], mm[1] / by[0]}
		}
		return mm, at != tag.PixelSpacing
	}
	return nil, false
}

// windows are the values of windows and their function, or why they cannot be read.
func (t *tags) windows() (center, width []float64, function string, fault error) {
	if center, fault = t.optional(tag.WindowCenter); fault == nil {
		width, fault = t.optional(tag.WindowWidth)
	}
	if fault != nil {
		return nil, nil, "", fault
	}
	return center, width, t.text(tag.VOILUTFunction), nil
}
