package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

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
	unseen, err := p.beside().read(ctx, env, a.cfg, a.Cases)
	if err != nil {
		return err
	}
	maps.Copy(a.Cases.heads, unseen.heads)
	added, err := a.pick(p, labels, unseen.Cases)
	if err != nil {
		return err
	}
	for _, f := range unseen.Dropped {
		for i, id := range f.IDs {
			f.IDs[i] = p.beside().named(id)
		}
		a.Dropped = append(a.Dropped, f)
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

// pick makes training cases of images, and says why others are none.
func (a *audited) pick(p *PseudoLabels, labels pseudoFile, images []stage.Case) (added []stage.Case, err error) {
	hits, known, beside := map[string][]hit{}, a.known(images), p.beside()
	for _, one := range images {
		said, named := labels.of(one.ID)
		if err := among(a.Questions(), one.Target, said); named && err != nil {
			return nil, stage.Wrong{Path: "data.pseudo_labels.file", Err: fmt.Errorf("%s, case %s: %w", filepath.Base(string(p.File)), one.ID, err)}
		}
		one.ID, one.Sample = beside.named(one.ID), beside.named(one.Sample)
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
	for id, found := range hits {
		if err := a.settle(rules[id], found, drop); err != nil {
			return nil, err
		}
	}
	return added, nil
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
