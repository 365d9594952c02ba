package evaluate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// Member is a finished run whose predictions are blended with those of others.
type Member struct {
	Contestant
	// Given names the data and how it was split: members of which it is equal were
	// given the same cases for the same use.
	Given string
	// By is what the split kept whole: study, patient, row.
	By string
}

// Joined is what members say of the cases that all of them predicted.
type Joined struct {
	Classes []string
	// Items are those of each member: the same cases in one order, by case.
	Items   [][]stage.Prediction
	Remarks []Remark
}

// Of picks the cases of one split.
func (j Joined) Of(split stage.Split) [][]stage.Prediction {
	out := make([][]stage.Prediction, len(j.Items))
	for m, items := range j.Items {
		out[m] = ofSplit(items, split)
	}
	return out
}

// Join puts predictions of the validation and the test split together by case, of one
// member at least. It
// refuses members that were not given the same split: one that was trained on a case
// which another is measured on would make the numbers of a blend too good. That a case
// which a member did not predict was dropped there, and not trained on, is known where
// both were given the same (Member.Given), or where the member holds other cases of its
// study or patient out, in the same split and fold. Nothing else counts as dropped.
//
// Of a cross-validation the validation split is out of fold, and folds must be equal
// too; its test split is the mean of the folds.
func Join(members []Member) (Joined, error) {
	j := Joined{}
	j.Classes = members[0].Classes
	var all []heldOut
	for _, m := range members {
		if !slices.Equal(m.Classes, j.Classes) {
			return j, notBlendable("the classes of %s are %q, those of %s are %q", m.ID, m.Classes, members[0].ID, j.Classes)
		}
		held := newHeldOut(m)
		if len(held.of) == 0 {
			return j, notBlendable("%s has no predictions of the validation or the test split", m.ID)
		}
		all = append(all, held)
	}
	for a := range all {
		for b := range all {
			if a == b {
				continue
			}
			if err := all[a].agrees(all[b]); err != nil {
				return j, err
			}
		}
	}
	for _, m := range members[1:] {
		if m.Fingerprint != members[0].Fingerprint {
			j.Remarks = append(j.Remarks, Remark{fmt.Sprintf("%s was made with other data than %s (their fingerprints differ)", m.ID, members[0].ID), true})
		}
	}
	return j, j.take(all)
}

func notBlendable(format string, args ...any) error {
	return stage.Fault{Err: fmt.Errorf("no ensemble: "+format, args...),
		Hint: "blend runs of one data set and one split; data.split: {file: …} gives the same to all, runner diff says what differs"}
}

// heldOut are the cases that a member was not trained on.
type heldOut struct {
	Member
	of     map[string]stage.Prediction // by case
	groups map[use]bool                // studies or patients
}

// use is what the cases of a group are held out for.
type use struct {
	group, fold string
	split       stage.Split
}

func useOf(item stage.Prediction) use { return use{item.Group, item.Tags[stage.FoldTag], item.Split} }

func newHeldOut(m Member) heldOut {
	h := heldOut{m, map[string]stage.Prediction{}, map[use]bool{}}
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		for _, item := range LastOf(m.Predictions, split) {
			h.of[item.CaseID] = item
			h.groups[useOf(item)] = true
		}
	}
	return h
}

// agrees refuses cases that the other was given for another use, or with another label,
// and those of which nobody knows what the other did with them.
func (h heldOut) agrees(other heldOut) error {
	if h.Given != other.Given && h.By != other.By {
		return notBlendable("%s was split by %s, %s by %s", h.ID, h.By, other.ID, other.By)
	}
	moved, unknown := map[stage.Split][]string{}, map[stage.Split][]string{}
	for _, id := range slices.Sorted(maps.Keys(h.of)) {
		mine := h.of[id]
		theirs, both := other.of[id]
		switch {
		case both && (mine.Split != theirs.Split || mine.Tags[stage.FoldTag] != theirs.Tags[stage.FoldTag]):
			moved[mine.Split] = append(moved[mine.Split], id)
		case both && mine.Label != theirs.Label:
			return notBlendable("case %s is %s in %s and %s in %s", id, h.Classes[mine.Label], h.ID, h.Classes[theirs.Label], other.ID)
		case both && mine.Tags[stage.TargetTag] != theirs.Tags[stage.TargetTag]:
			return notBlendable("case %s answers target %q in %s and %q in %s", id, mine.Tags[stage.TargetTag], h.ID, theirs.Tags[stage.TargetTag], other.ID)
		case both && mine.Group != theirs.Group:
			return notBlendable("case %s is of %q in %s and of %q in %s", id, mine.Group, h.ID, theirs.Group, other.ID)
		case !both && !h.droppedBy(other, mine):
			unknown[mine.Split] = append(unknown[mine.Split], id)
		}
	}
	for _, split := range []stage.Split{stage.Test, stage.Validation} {
		var why []string
		if ids := unknown[split]; len(ids) > 0 {
			why = append(why, fmt.Sprintf("%s may have been trained on %d, such as %s (it predicted neither these nor others of their %s)", other.ID, len(ids), ids[0], cmp.Or(kept(h.By), "group")))
		}
		if ids := moved[split]; len(ids) > 0 {
			why = append(why, fmt.Sprintf("%d are in another split or fold of %s, such as %s", len(ids), other.ID, ids[0]))
		}
		if why != nil {
			return notBlendable("of the %d cases of the %s split of %s, %s", h.count(split), split, h.ID, strings.Join(why, ", and "))
		}
	}
	return nil
}

// kept is what a split keeps whole; nothing where it divides case by case.
func kept(by string) string {
	if by == "row" {
		return ""
	}
	return by
}

// droppedBy says whether it is known that the other was not trained on a case which it
// did not predict.
func (h heldOut) droppedBy(other heldOut, item stage.Prediction) bool {
	return h.Given == other.Given || kept(other.By) != "" && other.groups[useOf(item)]
}

func (h heldOut) count(split stage.Split) (n int) {
	for _, item := range h.of {
		if item.Split == split {
			n++
		}
	}
	return n
}

// take keeps the cases that all predicted, and tells what it leaves out.
func (j *Joined) take(all []heldOut) error {
	common := map[string]bool{}
	for id := range all[0].of {
		common[id] = !slices.ContainsFunc(all, func(h heldOut) bool { _, has := h.of[id]; return !has })
	}
	maps.DeleteFunc(common, func(_ string, is bool) bool { return !is })
	ids := slices.Sorted(maps.Keys(common))
	if len(ids) == 0 {
		return notBlendable("there is no case that all of them predicted")
	}
	for _, h := range all {
		items := make([]stage.Prediction, len(ids))
		for i, id := range ids {
			items[i] = h.of[id]
		}
		j.Items = append(j.Items, items)
	}
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		j.tellLeft(all, common, split)
	}
	return nil
}

// tellLeft says how many cases of a split are left out, and for whose sake.
func (j *Joined) tellLeft(all []heldOut, common map[string]bool, split stage.Split) {
	predicted, lacking := map[string]bool{}, make([]int, len(all))
	for _, h := range all {
		for id, item := range h.of {
			if item.Split == split {
				predicted[id] = true
			}
		}
	}
	left := 0
	for id := range predicted {
		if common[id] {
			continue
		}
		left++
		for m, h := range all {
			if _, has := h.of[id]; !has {
				lacking[m]++
			}
		}
	}
	if left == 0 {
		return
	}
	text := fmt.Sprintf("%d of %d cases of the %s split are left out, since not all runs predicted them", left, len(predicted), split)
	for m, n := range lacking {
		if n > 0 {
			text += fmt.Sprintf("; %s dropped %d", all[m].ID, n)
		}
	}
	j.Remarks = append(j.Remarks, Remark{text, true})
}
