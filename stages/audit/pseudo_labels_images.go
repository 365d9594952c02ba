package audit

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// pupils are the images, read as runner predict reads them for nets of this data.
func (a *audited) pupils(p *PseudoLabels) (u Unseen, err error) {
	cfg := a.cfg
	if p.Source != nil {
		cfg.Source, cfg.Drop, cfg.Keep = *p.Source, Wanted{}, Wanted{}
		if !cfg.Unlabelled() {
			return u, stage.Fault{Err: fmt.Errorf("the source %s has labels", p.Source.Name), Hint: "name images without labels by images: files, folders or a table"}
		}
		u.Data = &cfg
	} else {
		var paths []string
		for _, path := range p.Images {
			paths = append(paths, string(path))
		}
		if u, err = NewUnseen(paths, cfg.Columns(Table{Image: "image", ID: "id", Group: "group", Series: "series", X: "x", Y: "y"})); err != nil {
			return u, err
		}
		if len(cfg.Views) > 0 && len(u.Table.Images)+len(u.Table.View) == 0 {
			return u, stage.Fault{Err: errors.New("data.views shows several pictures of each sample, which images alone do not tell"), Hint: "name a table with the columns of the data's own"}
		}
	}
	u.Sample, u.FolderIsSeries, u.Asked, u.Headers, u.Plane, u.Views, u.Rules = cfg.Sample, cfg.Source.Name == "rsna", a.Questions(), cfg.Headers, cfg.Plane, cfg.Views, cfg.Rules
	if a.wholeSeries() > 0 && u.Sample == "point" && u.Table.File == "" {
		u.Sample = "series" // an image of the table is a folder of slices, too
	}
	return u, nil
}

// misplaced names the setting that an error is about.
func (p PseudoLabels) misplaced(err error) error {
	at := "data.pseudo_labels.images"
	if p.Source != nil {
		at = "data.pseudo_labels.source"
	}
	var wrong stage.Wrong
	if errors.As(err, &wrong) {
		if below, in := strings.CutPrefix(wrong.Path, "data.source"); in && p.Source != nil {
			at += below
		}
		err = wrong.Err
	}
	return stage.Wrong{Path: at, Err: err}
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
