package audit

import (
	"fmt"
	"path/filepath"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// Rules on the image files of cases, by their headers.
func init() {
	addRule(Rule{ID: "missing_image", Title: "missing image", Reason: "the image file is not there", Severity: severe, Do: drop, Unusable: true,
		find: func(v *view) []hit {
			return v.each(func(c *stage.Case) (string, bool) { return c.Image, v.heads[c.Image].Missing })
		}})
	addRule(Rule{ID: "unreadable_image", Title: "unreadable image", Reason: "the file's header or the length of its pixels is wrong", Severity: severe, Do: drop, Unusable: true,
		find: func(v *view) []hit {
			return v.each(func(c *stage.Case) (string, bool) {
				err := v.heads[c.Image].Err
				return err, err != ""
			})
		}})
	addRule(Rule{ID: "point_outside", Title: "point outside the image", Reason: "the coordinates lie beyond the file's columns or rows", Severity: severe, Do: drop,
		find: pointOutside})
	addRule(Rule{ID: "turned_image", Title: "image that wants to be turned", Severity: warning, Do: keep, Unit: "images",
		Reason: "its Orientation (Exif) says how viewers turn or mirror it: the net sees it as it is stored, as with torchvision, unless preprocess begins with decode: {orientation: exif}",
		Asked:  "its Orientation (Exif) says how viewers turn or mirror it: the nets see it as the preprocess of their training says, which leaves it as it is stored unless it begins with decode: {orientation: exif}",
		find: func(v *view) []hit {
			return v.eachImage(func(_ string, h *headers.Header) (string, bool) { return "", h.Turned })
		}})
	addRule(Rule{ID: "several_pages", Title: "file of several pages", Severity: warning, Do: keep, Unit: "images",
		Reason: "only the first page of a TIFF file is seen: write each page as a file, in a folder for each series",
		find: func(v *view) []hit {
			return v.eachImage(func(_ string, h *headers.Header) (string, bool) { return "", h.Paged })
		}})
	addRule(Rule{ID: "no_pixel_spacing", Title: "no PixelSpacing", Reason: "millimetres mean nothing in these images: give sizes in pixels", Severity: info, Do: keep, Unit: "images",
		find: func(v *view) []hit {
			return v.eachImage(func(path string, h *headers.Header) (string, bool) {
				return "", h.Format == "dicom" && h.PixelSpacing == nil
			})
		}})
	addRule(Rule{ID: "detector_spacing", Title: "millimetres of the detector", Severity: info, Do: keep, Unit: "images",
		Reason: "there is no PixelSpacing, so millimetres are those of ImagerPixelSpacing, less EstimatedRadiographicMagnificationFactor where that is said, or of NominalScannedPixelSpacing: what lies further from the detector is shown larger",
		find: func(v *view) []hit {
			return v.eachImage(func(_ string, h *headers.Header) (string, bool) { return "", h.AtDetector })
		}})
}

func pointOutside(v *view) []hit {
	return v.each(func(c *stage.Case) (string, bool) {
		h, p := v.heads[c.Image], c.Point
		if p == nil || p.X >= 0 && p.Y >= 0 && p.X <= float64(h.Columns) && p.Y <= float64(h.Rows) {
			return "", false
		}
		return fmt.Sprintf("(%.1f, %.1f) in an image of %d columns and %d rows", p.X, p.Y, h.Columns, h.Rows), true
	})
}

// eachImage makes hits of the cases' images that something is wrong with.
func (v *view) eachImage(wrong func(path string, h *headers.Header) (detail string, broken bool)) []hit {
	var out []hit
	for _, path := range v.usedImages() {
		if detail, broken := wrong(path, v.heads[path]); broken {
			out = append(out, hit{id: v.short(path), rows: idsOf(v.on(path)), detail: detail})
		}
	}
	return out
}

// short names a file by its path below the data set's folder.
func (v *view) short(path string) string {
	if rel, err := filepath.Rel(v.found.Root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}
