package headers

import (
	"fmt"
	"os"

	"vertebra/stages/internal/nifti"
	"vertebra/stages/stage"
)

// ByPath are headers by the paths of their files, or of frames of these.
type ByPath map[string]*Header

// Frames lists the frames of files that have several, by the path of the file: of a volume
// the slices in a plane.
func (h ByPath) Frames(plane string) map[string][]string {
	out := map[string][]string{}
	for path, one := range h {
		file, _ := stage.ParseFramePath(path)
		if out[file] != nil {
			continue
		}
		first, count := 1, one.Frames
		if one.Format == "nifti" && one.Err == "" && plane != Stored {
			var err error
			if first, count, err = framesIn(file, plane); err != nil {
				h.refuse(path, err)
				continue
			}
		}
		if count < 2 && first == 1 {
			continue
		}
		for n := range count {
			out[file] = append(out[file], stage.FramePath(file, first+n))
		}
	}
	return out
}

// refuse notes what is wrong with a file as this experiment sees it: the cache keeps what the
// file says of itself.
func (h ByPath) refuse(path string, err error) {
	changed := *h[path]
	changed.Err = err.Error()
	h[path] = &changed
}

// Stored is the plane of slices along the third dimension.
const Stored = "stored"

// planes are the words for others.
var planes = map[string]int{"sagittal": nifti.Sagittal, "coronal": nifti.Coronal, "axial": nifti.Axial}

// framesIn are the frames of a volume that lie in a plane.
func framesIn(file, plane string) (first, count int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	h, err := nifti.ReadHeader(f)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w", file, err)
	}
	first, count, known := h.Frames(planes[plane])
	if !known {
		return 0, 0, fmt.Errorf("%s: it has neither sform nor qform, so nobody knows its %s slices", file, plane)
	}
	return first, count, nil
}
