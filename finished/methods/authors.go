package methods

import (
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// software says what computed it, and how it is done again.
func (t *text) software() {
	t.say("## Software\n")
	facts := ""
	for _, fact := range []string{"libtorch", "device", "threads"} {
		if v := t.run.Fact(fact); v != "" {
			facts += fmt.Sprintf(", %s %s", fact, v)
		}
	}
	t.paragraph(
		fmt.Sprintf("Vertebra (program %s%s), seed %d, on %s.", t.run.Fact("program"), facts, t.run.Seed, t.run.Started.Format("2 January 2006")),
		sentence("Deterministic: ", t.run.Fact("deterministic")),
		sentence("Data: SHA-256 ", t.run.Fact("data fingerprint")),
	)
	t.paragraph("The experiment file says all of this to the program: the same file, data, program and device give the same numbers. " +
		"With `runner export package` nets and settings can be handed on without any patient's data.")
}

func sentence(head, fact string) string {
	if fact == "" {
		return ""
	}
	return head + fact + "."
}

// authors lists what a reader asks that no program knows. The topics are those of CLAIM (Tejani
// et al. 2024, "Checklist for Artificial Intelligence in Medical Imaging: 2024 update",
// doi:10.1148/ryai.240300), in other words.
func (t *text) authors() {
	t.say("## What only the authors can say\n")
	t.say("Readers of such studies ask for this, too (CLAIM 2024, doi:10.1148/ryai.240300); nothing of it is in the files:\n")
	asked := []string{
		"what the net is meant for, in whose hands, and what it is to be better than",
		"where and when the images were taken, on which scanners and by which protocol; prospectively or not",
		"who was taken in and who was not, before the tables were made, and why",
		"who made the reference standard, with what training and tools, knowing what else; how often they disagreed, and what was done then",
		"why so many cases are enough",
		"how images and tables were freed of names; which committee agreed; what patients were asked",
		"where the study was registered, who paid for it, and where data, nets and experiment files can be had",
		"what the numbers do not show: whom the net was never tried on, and what a mistake would cost",
	}
	if !slices.ContainsFunc(t.run.Finals, func(s stage.Scalar) bool { return s.Series == string(stage.Test) }) {
		asked = append(asked, "why there is no test split: validation cases have also chosen the weights kept, so their numbers are too good by an unknown amount")
	}
	if len(t.external) == 0 {
		asked = append(asked, "how good it is elsewhere: `runner validate` tests it on cases of another place, and their numbers then stand here")
	}
	for _, one := range asked {
		t.say("- %s", one)
	}
}
