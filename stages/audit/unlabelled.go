package audit

import (
	"context"
	"maps"
	"slices"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// Unlabelled are samples to learn from without their labels: those of the data, and images beside
// them.
type Unlabelled struct {
	// Cases has one for each sample. The label of all is 0, their class.
	Cases Cases
	// Beside are those that are not of the data, by their names.
	Beside map[string]bool
	// Left are images beside the data that take no part, by the reason why, in the order of leftOut.
	Left []Left
}

// Left are images that take no part.
type Left struct {
	Reason string
	IDs    []string
}

// Why images beside the data take no part.
const (
	leftOwn     = "are among the labelled images"
	leftHeldOut = "share an image, their study or their patient with validation or test"
	leftTorn    = "share an image, their study or their patient with several folds"
	leftBroken  = "cannot be used"
)

var leftOut = []string{leftOwn, leftHeldOut, leftTorn, leftBroken}

// Unlabelled reads the images beside the data, if there are any, and puts each into the training
// split; one that shares something with a fold into that fold, which no other net sees less of.
// What it shares with validation or test cases stays out, so nothing can leak by it.
func (c Cases) Unlabelled(ctx context.Context, env stage.Env, cfg Config, b Beside) (u Unlabelled, err error) {
	u.Cases, u.Beside = c.forgotten(), map[string]bool{}
	if len(b.Images) == 0 && b.Source == nil {
		return u, nil
	}
	env.Recorder = stage.Discard // what is wrong with them is told by Left
	read, err := b.read(ctx, env, cfg, c)
	if err != nil {
		return u, err
	}
	heads := maps.Clone(c.heads)
	maps.Copy(heads, read.heads)
	u.Cases.heads = heads
	left := map[string][]string{}
	for _, f := range read.Dropped {
		for _, id := range f.IDs {
			left[leftBroken] = append(left[leftBroken], b.named(id))
		}
	}
	others := read.Samples().Cases
	where := c.sharing(heads, others)
	for _, one := range others {
		why := where(&one)
		if one.ID = b.named(one.ID); why != "" {
			left[why] = append(left[why], one.ID)
			continue
		}
		u.Cases.Cases = append(u.Cases.Cases, forget(one))
		u.Beside[one.ID] = true
	}
	for key, s := range read.Series {
		if _, known := u.Cases.Series[key]; !known {
			u.Cases.Series[key] = s
		}
	}
	slices.SortFunc(u.Cases.Cases, func(a, b stage.Case) int { return compareIDs(a.ID, b.ID) })
	for _, why := range leftOut {
		if ids := left[why]; ids != nil {
			u.Left = append(u.Left, Left{why, ids})
		}
	}
	return u, nil
}

// Others are the images beside the data alone.
func (u Unlabelled) Others() Cases {
	only := u.Cases
	only.Cases = slices.DeleteFunc(slices.Clone(only.Cases), func(one stage.Case) bool { return !u.Beside[one.ID] })
	return only
}

// Sum names the images beside the data that take part; "" without any. They are no part of the data's
// fingerprint: runs with and without them are measured on the same data.
func (u Unlabelled) Sum() string {
	only := u.Others()
	if len(only.Cases) == 0 {
		return ""
	}
	return "sha256 " + fingerprint(u.Cases.root, only, u.Cases.heads)
}

// forgotten are the samples of the data without their labels.
func (c Cases) forgotten() Cases {
	c = c.Samples()
	c.Classes, c.Targets, c.Among, c.Covariates, c.Looks = []string{"image"}, nil, nil, nil, nil
	c.Dropped, c.Findings, c.Series, c.Cases = nil, nil, maps.Clone(c.Series), slices.Clone(c.Cases)
	for i, one := range c.Cases {
		c.Cases[i] = forget(one)
	}
	return c
}

func forget(one stage.Case) stage.Case {
	one.Label, one.Soft, one.Target, one.Sample = 0, nil, 0, ""
	return one
}

// sharing puts other cases into the split and the fold that they may be trained in, and says why
// not where there is none.
func (c Cases) sharing(heads headers.ByPath, others []stage.Case) func(one *stage.Case) (why string) {
	keys, ids := sharedKeys(heads, slices.Concat(c.Cases, others)), map[string]bool{}
	itself, files, in := unlinked(), map[string]bool{}, map[string][]stage.Case{}
	seen := func(one *stage.Case) string {
		if len(one.Views) > 0 {
			return one.Seen()
		}
		return itself(one.Image)
	}
	for i := range c.Cases {
		one := &c.Cases[i]
		ids[one.ID] = true
		for _, key := range keys(*one) {
			in[key] = append(in[key], stage.Case{Split: one.Split, Fold: one.Fold, Turns: one.Turns})
			in[key] = slices.CompactFunc(in[key], func(a, b stage.Case) bool { return a.Split == b.Split && sameFold(a, b) })
		}
		files[seen(one)] = true
	}
	return func(one *stage.Case) string {
		if ids[one.ID] || files[seen(one)] {
			return leftOwn
		}
		one.Split, one.Fold, one.Turns = stage.Train, 0, nil
		for _, key := range keys(*one) {
			for _, with := range in[key] {
				switch {
				case with.Fold == 0 && with.Split != stage.Train:
					return leftHeldOut
				case with.Fold != 0 && one.Fold != 0 && !sameFold(with, *one):
					return leftTorn
				case with.Fold != 0:
					one.Split, one.Fold, one.Turns = with.Split, with.Fold, with.Turns
				}
			}
		}
		return ""
	}
}

// sameFold says whether all folds do the same with two cases.
func sameFold(a, b stage.Case) bool { return a.Fold == b.Fold && slices.Equal(a.Turns, b.Turns) }
