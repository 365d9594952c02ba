package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	addRule(Rule{ID: "pseudo_label_absent", Title: "image without a pseudo-label", Severity: info, Do: drop, Unusable: true, Unit: "cases",
		Reason: "data.pseudo_labels.file does not name it"})
	addRule(Rule{ID: "pseudo_label_unsure", Title: "pseudo-label that is not sure", Severity: info, Do: drop, Unusable: true, Unit: "cases",
		Reason: "none of its classes is as likely as data.pseudo_labels.sure asks"})
	addRule(Rule{ID: "pseudo_label_of_labelled", Title: "pseudo-label of what has labels", Severity: warning, Do: drop, Unusable: true, Unit: "cases",
		Reason: "the image, its study or its patient is among the labelled cases: trained on, it might tell what is validated or tested"})
}

// taught is what the audit says of images that join the training by their pseudo-labels.
var taught = Rule{ID: "pseudo_label", Title: "pseudo-label", Severity: info, Unit: "cases", Reason: "their labels are what nets said of them: they are trained on, in every fold, and neither validate nor test"}

// PseudoLabels takes images without labels into the training, with what nets said of them for
// labels (Lee 2013, "Pseudo-label"; a teacher and a student as in Xie et al. 2020, "Noisy
// student").
type PseudoLabels struct {
	File   registry.Path         `help:"CSV file of what nets said of images without labels, as runner predict RUN IMAGES -o FILE writes it: the column case_id, and one for each class" required:"true"`
	Images []registry.Path       `help:"these images as runner predict was given them: files, folders, or one table with the columns of the data's own"`
	Source *registry.One[Source] `help:"in place of images a source without labels, which runner predict read from an experiment: rsna with part: test"`
	Sure   float64               `help:"images of which no class has this probability are left out" min:"0" max:"1"`
	Soft   bool                  `help:"the label of an image is all that the file says of it; false: the likeliest class alone"`
}

// Defaults take all that the file says.
func (PseudoLabels) Defaults() PseudoLabels { return PseudoLabels{Soft: true} }

// Validate wants the images said once.
func (p PseudoLabels) Validate() error {
	if (len(p.Images) > 0) == (p.Source != nil) {
		return errors.New("say either images or source")
	}
	return nil
}

// teach adds the images of data.pseudo_labels to the training cases. What they share with
// labelled ones stays out, so no split and no fold can leak by them.
func (a *audited) teach(ctx context.Context, env stage.Env) error {
	p := a.cfg.PseudoLabels
	if p == nil {
		return nil
	}
	labels, err := p.read(a.Questions())
	if err != nil {
		return stage.Wrong{Path: "data.pseudo_labels.file", Err: err}
	}
	u, err := a.pupils(p)
	if err != nil {
		return p.misplaced(err)
	}
	unseen, err := u.Read(ctx, env)
	if err != nil {
		return p.misplaced(err)
	}
	maps.Copy(a.Cases.heads, unseen.heads)
	hits, added := map[string][]hit{}, []stage.Case(nil)
	known := a.known(unseen.Cases)
	for _, one := range unseen.Cases {
		said, named := labels.of(one.ID)
		if err := among(a.Questions(), one.Target, said); named && err != nil {
			return stage.Wrong{Path: "data.pseudo_labels.file", Err: fmt.Errorf("%s, case %s: %w", filepath.Base(string(p.File)), one.ID, err)}
		}
		one.ID, one.Sample = p.named(one.ID), p.named(one.Sample)
		switch {
		case !named:
			hits["pseudo_label_absent"] = append(hits["pseudo_label_absent"], hit{id: one.ID})
		case known(one):
			hits["pseudo_label_of_labelled"] = append(hits["pseudo_label_of_labelled"], hit{id: one.ID})
		case float64(said[likeliest(said)]) < p.Sure:
			hits["pseudo_label_unsure"] = append(hits["pseudo_label_unsure"], hit{id: one.ID})
		default:
			added = append(added, p.label(one, said))
		}
	}
	for _, f := range unseen.Dropped {
		for i, id := range f.IDs {
			f.IDs[i] = p.named(id)
		}
		a.Dropped = append(a.Dropped, f)
	}
	for id, found := range hits {
		if err := a.settle(rules[id], found, drop); err != nil {
			return err
		}
	}
	if len(added) == 0 {
		return p.nobody(labels, unseen.Cases)
	}
	a.Findings = append(a.Findings, *taught.finding(hitsOf(added), keep))
	sortFindings(a.Findings)
	sortFindings(a.Dropped)
	a.join(added, unseen.Series)
	return nil
}

// named is the name of an image without the folders above the file or folder that images names:
// names decide what is drawn for a case, and are told in reports.
func (p PseudoLabels) named(id string) string {
	times := map[string]int{}
	for _, path := range p.Images {
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

// label makes a training case of an image of which so much is said of each class.
func (p PseudoLabels) label(one stage.Case, said []float32) stage.Case {
	one.Split, one.Label, one.Soft = stage.Train, likeliest(said), said
	if !p.Soft {
		one.Soft = make([]float32, len(said))
		one.Soft[one.Label] = 1
	}
	return one
}

func likeliest(said []float32) int { return slices.Index(said, slices.Max(said)) }

func hitsOf(cases []stage.Case) (out []hit) {
	for _, c := range cases {
		out = append(out, hit{id: c.ID})
	}
	return out
}

// join puts cases among the others.
func (a *audited) join(added []stage.Case, series map[string]Series) {
	for key, s := range series {
		if _, known := a.Series[key]; !known {
			a.Series[key] = s
		}
	}
	a.Cases.Cases = append(a.Cases.Cases, added...)
	slices.SortFunc(a.Cases.Cases, func(a, b stage.Case) int { return compareIDs(a.ID, b.ID) })
	a.changed()
}

// known says of other cases whether one is, or shares its study, an image or its patient with, a
// labelled one.
func (a *audited) known(others []stage.Case) func(stage.Case) bool {
	ids := map[string]bool{}
	for _, c := range a.Cases.Cases {
		ids[c.ID] = true
	}
	shares := sharesWith(a.heads, a.Cases.Cases, others)
	return func(c stage.Case) bool { return ids[c.ID] || shares(c) }
}

// Taught counts the cases of other data that share their study, an image or their patient with those
// that have pseudo-labels here, and gives the first.
func (c Cases) Taught(other Cases) (n int, first string) {
	pupils := slices.DeleteFunc(slices.Clone(c.Cases), func(one stage.Case) bool { return one.Soft == nil })
	heads := maps.Clone(c.heads)
	maps.Copy(heads, other.heads)
	shares := sharesWith(heads, pupils, other.Cases)
	for _, one := range other.Cases {
		if shares(one) {
			if n++; n == 1 {
				first = one.ID
			}
		}
	}
	return n, first
}

// sharesWith says of other cases whether one shares its study, an image or its patient with one of
// those given.
func sharesWith(heads headers, of, others []stage.Case) func(stage.Case) bool {
	patients, itself := heads.patients(slices.Concat(of, others)), unlinked()
	keys := func(c stage.Case) (out []string) {
		for _, thing := range things(patients) {
			thing.of(&c, func(key string) {
				if key == "" {
					return
				}
				if thing.what == "image" {
					key = itself(key)
				}
				out = append(out, thing.what+" "+key)
			})
		}
		return out
	}
	known := map[string]bool{}
	for _, c := range of {
		for _, key := range keys(c) {
			known[key] = true
		}
	}
	return func(c stage.Case) bool {
		return slices.ContainsFunc(keys(c), func(key string) bool { return known[key] })
	}
}

// unlinked gives the absolute path of a file behind all links: an image is the same by whatever way
// it is reached. Links of folders are followed once for each, not for each image.
func unlinked() func(path string) string {
	folders := map[string]string{}
	behind := func(path string) string {
		if at, err := filepath.EvalSymlinks(path); err == nil {
			return at
		}
		return path
	}
	return func(path string) string {
		path = absolute(path)
		folder, known := folders[filepath.Dir(path)]
		if !known {
			folder = behind(filepath.Dir(path))
			folders[filepath.Dir(path)] = folder
		}
		file := filepath.Join(folder, filepath.Base(path))
		if _, err := os.Readlink(file); err == nil {
			return behind(file)
		}
		return file
	}
}

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
