package ensemble

import (
	"fmt"
	"maps"

	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Members may answer the same cases in other ways: one net each case by itself, another all
// cases of a level at once as its targets. What they say is blended case by case, and the
// ensemble has no targets of its own.

// asksDiffer says whether the members have other targets. Where targets have classes of their
// own, cases do not tell which are a member's.
func (b *Blended) asksDiffer() (bool, error) {
	first := b.records[0]
	differ := false
	for _, r := range b.records[1:] {
		differ = differ || r.Fact(audit.TargetsFact) != first.Fact(audit.TargetsFact)
	}
	for _, r := range b.records[1:] {
		own, others := r.Fact(audit.AmongFact), first.Fact(audit.AmongFact)
		if own != others || differ && own != "" {
			return false, stage.Fault{Err: fmt.Errorf("no ensemble: the targets of %s and %s have other classes", first.ID, r.ID), Hint: "blend runs of the same targets, with the same data.target_classes"}
		}
	}
	return differ, nil
}

// questions are what the ensemble is asked.
func (b *Blended) questions() (stage.Questions, error) {
	asked, err := finished.Questions(b.records[0])
	if err != nil {
		return asked, fmt.Errorf("run %s: %w", b.records[0].ID, err)
	}
	if b.mixed {
		asked.Targets = nil
	}
	return asked, nil
}

// withoutTargets leaves out of predictions which target they answer.
func withoutTargets(items []stage.Prediction) []stage.Prediction {
	out := make([]stage.Prediction, len(items))
	for i, item := range items {
		item.Tags = withoutTarget(item.Tags)
		out[i] = item
	}
	return out
}

func withoutTarget(tags map[string]string) map[string]string {
	if _, has := tags[stage.TargetTag]; !has {
		return tags
	}
	tags = maps.Clone(tags)
	delete(tags, stage.TargetTag)
	return tags
}
