package audit

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Beside are images without labels that a section names besides the data's own, as runner predict
// would be given them.
type Beside struct {
	At     string // the section: data.pseudo_labels
	Images []registry.Path
	Source *registry.One[Source] // in place of Images
}

// read makes cases of them, of the test split, which are asked what the data's own are. Their names
// are those that reports may show.
func (b Beside) read(ctx context.Context, env stage.Env, cfg Config, own Cases) (Cases, error) {
	u, err := b.unseen(cfg, own)
	if err != nil {
		return Cases{}, b.misplaced(err)
	}
	out, err := u.Read(ctx, env)
	if err != nil {
		return Cases{}, b.misplaced(err)
	}
	return out, nil
}

// unseen are the images, to be read as runner predict reads them for nets of this data.
func (b Beside) unseen(cfg Config, own Cases) (u Unseen, err error) {
	if b.Source != nil {
		cfg.Source, cfg.Drop, cfg.Keep = *b.Source, Wanted{}, Wanted{}
		if !cfg.Unlabelled() {
			return u, stage.Fault{Err: fmt.Errorf("the source %s has labels", b.Source.Name), Hint: "name images without labels by images: files, folders or a table"}
		}
		u.Data = &cfg
	} else {
		var paths []string
		for _, path := range b.Images {
			paths = append(paths, string(path))
		}
		if u, err = NewUnseen(paths, cfg.Columns(Table{Image: "image", ID: "id", Group: "group", Series: "series", X: "x", Y: "y"})); err != nil {
			return u, err
		}
		if len(cfg.Views) > 0 && len(u.Table.Images)+len(u.Table.View) == 0 {
			return u, stage.Fault{Err: errors.New("data.views shows several pictures of each sample, which images alone do not tell"), Hint: "name a table with the columns of the data's own"}
		}
	}
	u.Sample, u.FolderIsSeries, u.Asked, u.Headers, u.Plane, u.Views, u.Rules = cfg.Sample, cfg.Source.Name == "rsna", own.Questions(), cfg.Headers, cfg.Plane, cfg.Views, cfg.Rules
	if own.wholeSeries() > 0 && u.Sample == "point" && u.Table.File == "" {
		u.Sample = "series" // an image of the table is a folder of slices, too
	}
	return u, nil
}

// misplaced names the setting that an error is about.
func (b Beside) misplaced(err error) error {
	at := b.At + ".images"
	if b.Source != nil {
		at = b.At + ".source"
	}
	var wrong stage.Wrong
	if errors.As(err, &wrong) {
		if below, in := strings.CutPrefix(wrong.Path, "data.source"); in && b.Source != nil {
			at += below
		}
		err = wrong.Err
	}
	return stage.Wrong{Path: at, Err: err}
}

// named is the name of an image without the folders above the file or folder that Images names:
// names decide what is drawn for a case, and are told in reports.
func (b Beside) named(id string) string {
	times := map[string]int{}
	for _, path := range b.Images {
		root := filepath.Clean(string(path))
		name := filepath.Base(root)
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s %d", name, times[name])
		}
		if rest, below := strings.CutPrefix(id, root); below && (rest == "" || rest[0] == filepath.Separator || rest[0] == '_' || rest[0] == '#') {
			return name + rest
		}
	}
	return id
}
