package audit

import (
	"cmp"
	"maps"
	"slices"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/stage"
)

// A rule on NIfTI volumes, whose files say nothing of a plane that a table could be held
// against.
func init() {
	addRule(Rule{ID: "other_plane", Title: "volume sliced in another plane", Severity: warning, Do: keep,
		Reason: "slices of a NIfTI volume lie along its third dimension, those of most volumes here in another plane; data.plane: axial, or another, takes the same of all",
		Asked:  "slices of a NIfTI volume lie along its third dimension, those of most volumes here in another plane; the nets are shown slices as data.plane of their training says",
		find: func(v *view) []hit {
			most := v.commonPlane()
			return v.each(func(c *stage.Case) (string, bool) {
				plane := v.planeOf(c)
				return string(plane), plane != dicom.Unknown && plane != most
			})
		}})
}

// planeOf is the plane of a case's volume; Unknown of other images.
func (v *view) planeOf(c *stage.Case) dicom.Plane {
	h := v.heads[c.Image]
	if h == nil || h.Format != "nifti" {
		return dicom.Unknown
	}
	plane, _ := dicom.PlaneOf(h.Orientation)
	return plane
}

// commonPlane is that of most cases on volumes; of equally many the first by name.
func (v *view) commonPlane() dicom.Plane {
	counts := map[dicom.Plane]int{}
	for i := range v.Cases.Cases {
		if plane := v.planeOf(&v.Cases.Cases[i]); plane != dicom.Unknown {
			counts[plane]++
		}
	}
	if len(counts) == 0 {
		return dicom.Unknown
	}
	return slices.MaxFunc(slices.Collect(maps.Keys(counts)), func(a, b dicom.Plane) int {
		return cmp.Or(cmp.Compare(counts[a], counts[b]), cmp.Compare(b, a))
	})
}
