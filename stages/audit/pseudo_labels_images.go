package audit

import (
	"fmt"
	"path/filepath"
	"slices"

	"vertebra/stages/stage"
)

// beside are the images as a section names them.
func (p PseudoLabels) beside() Beside {
	return Beside{At: "data.pseudo_labels", Images: p.Images, Source: p.Source}
}

// nobody says why no image was taken.
func (p PseudoLabels) nobody(labels pseudoFile, images []stage.Case) error {
	name := filepath.Base(string(p.File))
	if slices.ContainsFunc(images, func(c stage.Case) bool { _, named := labels.of(c.ID); return named }) {
		return stage.Wrong{Path: "data.pseudo_labels", Err: stage.Fault{
			Err:  fmt.Errorf("no image is taken: of the %d, those that %s names are not sure enough, or of labelled studies or patients", len(images), name),
			Hint: "lower sure, or name other images",
		}}
	}
	return stage.Wrong{Path: "data.pseudo_labels.file", Err: stage.Fault{
		Err:  fmt.Errorf("%s names none of the %d images", name, len(images)),
		Hint: fmt.Sprintf("it names cases such as %s, the images are called such as %s", labels.first, images[0].ID),
	}}
}
