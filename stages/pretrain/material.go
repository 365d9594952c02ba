package pretrain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Material are the images that backbones learn from, and those with labels that tell what they learnt.
type Material struct {
	images   *preprocess.Images // one case of each sample, without its label
	labelled *preprocess.Images // those of the experiment
	said     audit.Unlabelled
}

// Read says which images take part: all of the cases, and those that the section names besides.
func (c Config) Read(ctx context.Context, env stage.Env, data audit.Config, steps preprocess.Config, cases audit.Cases) (audit.Unlabelled, error) {
	u, err := cases.Unlabelled(ctx, env, data, c.beside())
	if err != nil {
		return u, err
	}
	if len(u.Beside) == 0 {
		return u, nil
	}
	if f := preprocess.Lacking(steps, u.Others()); len(f) > 0 {
		return u, stage.Wrong{Path: Name + ".images", Err: stage.Fault{Err: fmt.Errorf("preprocess.%s: %s", f[0].Path, f[0].Text), Hint: "name images of which that is known, by a table with the columns of the data's own, or by source"}}
	}
	return u, nil
}

// Gather makes the images that backbones learn from: those of cases of which there are labelled
// images, and those that the section names besides. The caller closes it; labelled stay open for as long.
func Gather(ctx context.Context, env stage.Env, cfg Config, data audit.Config, steps preprocess.Config, cases audit.Cases, labelled *preprocess.Images) (*Material, error) {
	usable := map[string]bool{}
	for _, one := range labelled.Cases {
		usable[one.ID] = true
	}
	cases.Cases = slices.DeleteFunc(slices.Clone(cases.Cases), func(one stage.Case) bool { return !usable[one.ID] })
	m := &Material{labelled: labelled}
	var err error
	if m.said, err = cfg.Read(ctx, env, data, steps, cases); err != nil {
		return nil, err
	}
	env.Recorder = stage.OnlyProgress{Recorder: env.Recorder} // the experiment's own tell the same
	if m.images, err = preprocess.Run(ctx, env, steps, m.said.Cases); err != nil {
		return nil, fmt.Errorf("preprocess: %w", err)
	}
	return m, nil
}

// Close lets go of the images.
func (m *Material) Close() error {
	if m == nil {
		return nil
	}
	return m.images.Close()
}

// Why images that look the same, to the last pixel, as others take no part.
const (
	leftDouble = "look the same as one of validation or test"
	leftTwice  = "look the same as another that takes part"
)

// InFold are the images that a fold learns from: the training split of Images that has no other. Those
// beside the data that look the same as one that the fold validates or tests on stay out. Of equal
// images one takes part, since a method would have to tell it from itself.
func (m *Material) InFold(number int) (images *preprocess.Images, left []audit.Left) {
	images, labelled := m.images.InFold(number), m.labelled.InFold(number)
	heldOut, seen := map[string]bool{}, map[string]bool{}
	for i, one := range labelled.Cases {
		if one.Split != stage.Train {
			heldOut[labelled.Sum(i)] = true
		}
	}
	out := map[string][]string{}
	some := images.Only(func(i int) bool {
		one, sum := images.Cases[i], images.Sum(i)
		switch {
		case one.Split != stage.Train:
			return false
		case m.said.Beside[one.ID] && heldOut[sum]:
			out[leftDouble] = append(out[leftDouble], one.ID)
			return false
		case seen[sum]:
			out[leftTwice] = append(out[leftTwice], one.ID)
			return false
		}
		seen[sum] = true
		return true
	})
	for _, why := range []string{leftDouble, leftTwice} {
		if out[why] != nil {
			left = append(left, audit.Left{Reason: why, IDs: out[why]})
		}
	}
	return some, left
}

// Enough wants a batch that compares images.
func Enough(images int) error {
	if images >= 2 {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("there is %d image to learn from, and images are compared with one another", images),
		Hint: "name images without labels by pretrain.images, or leave pretrain out"}
}

// Few says what comes of a batch that there are no images for; "" where there are.
func (c Config) Few(images int) string {
	if images >= c.Batch {
		return ""
	}
	return fmt.Sprintf("pretrain.batch: %d is more than the %d images to learn from: an epoch is a single step, with all of them", c.Batch, images)
}

// words say which images take part, and why others do not.
func (m *Material) words(images *preprocess.Images, left []audit.Left) string {
	own, beside := 0, 0
	for _, one := range images.Cases {
		if m.said.Beside[one.ID] {
			beside++
		} else {
			own++
		}
	}
	words := []string{fmt.Sprintf("%d images of the training split and %d beside the data", own, beside)}
	for _, one := range slices.Concat(m.said.Left, left) {
		words = append(words, LeftWords(one))
	}
	return strings.Join(words, "; ")
}

// LeftWords count images that take no part.
func LeftWords(one audit.Left) string {
	examples := one.IDs
	more := ""
	const shown = 3
	if len(examples) > shown {
		examples, more = examples[:shown], ", …"
	}
	return fmt.Sprintf("%d left out, which %s (%s%s)", len(one.IDs), one.Reason, strings.Join(examples, ", "), more)
}
