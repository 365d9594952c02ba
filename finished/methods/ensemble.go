package methods

import (
	"fmt"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
)

// blended says how an ensemble is made of its members, and how each of these came to its nets.
func (t *text) blended(members []*results.RunRecord) error {
	e, err := experiments.StoredEnsemble(t.run.Experiment)
	if err != nil {
		return err
	}
	t.say("## Ensemble\n")
	t.asked(e.Ensemble, members)
	for i, member := range members {
		of := &text{run: member, searches: t.searches}
		if e.Ensemble.Nested != "" {
			of.searches = ofFirstFold(t.searches, members[0].ID)
		}
		if of.of, err = experiments.Stored(member.Experiment); err != nil {
			return fmt.Errorf("run %s: %w", member.ID, err)
		}
		if i == 0 || member.Fact(audit.FingerprintFact) != members[0].Fact(audit.FingerprintFact) {
			of.data()
			of.splits()
		}
		of.Builder.WriteString(fmt.Sprintf("# Nets of run %s\n\n", member.Name))
		if err := of.nets(); err != nil {
			return fmt.Errorf("run %s: %w", member.ID, err)
		}
		t.WriteString(of.String())
	}
	t.say("# The ensemble\n")
	return nil
}

// ofFirstFold keeps the search of a nested cross-validation, which is the same for all folds, with one of them.
func ofFirstFold(searches map[string]Search, first string) map[string]Search {
	s, known := searches[first]
	if !known {
		return nil
	}
	s.Nested = true
	return map[string]Search{first: s}
}

// asked says whose answers are blended, and on what cases. Of an ensemble these are its members';
// runner recalibrate takes others.
func (t *text) asked(b experiments.Blending, members []*results.RunRecord) {
	if b.Nested != "" {
		t.paragraph(fmt.Sprintf("Settings were chosen by a search, sweep %s, and the numbers below are what that search and the training after it are worth (nested cross-validation, Varma and Simon 2006; Cawley and Talbot 2010).", b.Nested),
			fmt.Sprintf("The cases are divided into %d folds. For each, all trials of the sweep trained a net on the others, of which some cases were held back for validation; the trial with the best %s of these validation cases was chosen, and its net predicted the fold.", len(members), b.Monitor),
			"So no case had a part in the training or the choice of the net that predicts it, and numbers of test are of all folds together. About new images all these nets are asked, and the means of their probabilities count.")
		t.shares(b, members)
	} else if len(members) == 1 {
		t.paragraph("Its answers are those of one trained run.")
	} else {
		t.paragraph(fmt.Sprintf("Its answers are those of %d trained runs, blended.", len(members)), how(b))
		t.shares(b, members)
	}
	if t.run.Fact(audit.FingerprintFact) != members[0].Fact(audit.FingerprintFact) {
		t.paragraph("Its probabilities were corrected with cases of other data than those of the training: they are the validation cases of the numbers below, and its test cases are of these data, too.")
	}
}

// how says what is blended, and where shares come from.
func how(b experiments.Blending) string {
	said := map[string]string{
		"mean":      "Blended are probabilities, by their weighted mean.",
		"geometric": "Blended are logarithms of probabilities, by their weighted mean (a geometric mean, scaled to sum 1).",
	}[b.By]
	switch b.WeightsBy {
	case "greedy":
		said += fmt.Sprintf(" Shares were found on the validation cases: the member that makes %s of the blend best joined, again and again (Caruana et al. 2004).", b.Monitor)
	case "equal":
		said += " All have the same share."
	}
	if b.Raw {
		said += " Members were not calibrated before."
	}
	return said
}

func (t *text) shares(b experiments.Blending, members []*results.RunRecord) {
	var rows [][]any
	for i, member := range members {
		share := any("")
		if i < len(b.Weights) {
			share = b.Weights[i]
		}
		rows = append(rows, []any{member.Name, member.ID, share})
	}
	t.table("Members:", []string{"name", "run", "share"}, rows)
}
