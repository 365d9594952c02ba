package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/stratify"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Split says how cases are divided.
type Split struct {
	By         string                   `help:"what stays together on one side: study, patient (all studies with one PatientID), or a column or tag of the cases, such as site; row divides case by case and lets studies leak, which the report says"`
	Stratify   []string                 `help:"what keeps its shares alike in all splits, several at once: label, and columns or tags of the cases, such as condition"`
	Validation float64                  `help:"share of the cases, as near as whole groups allow; with folds, each fold validates on its own part instead, unless rotate is test" min:"0" under:"1"`
	Test       float64                  `help:"share of the cases, as near as whole groups allow; with folds it is taken out before" min:"0" under:"1"`
	TrainSize  float64                  `help:"share of the training groups that are trained on, of each stratum the same: what would more data do? A smaller share is part of a larger one, and validation and test stay as they are" over:"0" max:"1"`
	Folds      int                      `help:"parts that take turns as validation set, or as rotate says (k-fold cross-validation); 0 makes a single split" min:"0" max:"100"`
	Rotate     string                   `help:"what folds take turns as: validation, beside test cases that no fold has; or test, where each case is tested once, by the net of its fold, which validates on the share validation of the cases, dealt from the others, and trains on what remains" oneof:"validation test"`
	Fold       int                      `help:"which fold to run: 0 runs all of them, -1 trains on all cases but the test ones, with rotate: test on all, and validates on none" min:"-1" max:"100"`
	Seed       uint64                   `help:"which of the possible splits; the experiment's seed leaves it alone, so that runs of several seeds are measured on the same cases"`
	File       registry.Path            `help:"CSV file that fixes the split instead: a column id or group, and a column split (train, validation, test), fold (from 0 or 1), or both; what it does not name is left out"`
	Lists      map[string]registry.Path `help:"text files that fix the split instead, by train, validation and test, each with the names of its images, cases or groups, one on a line; without train, what no list names is for training. Where they name no validation cases, these are dealt as with column"`
	Column     string                   `help:"column or tag of the cases that fixes the split instead: train, validation and test, or numbers of folds with test beside them; rows where it is empty are left out. Where it names no validation cases, and no folds, they are dealt from those for training, by the settings above"`
}

// rowByRow as Split.By divides without any groups.
const rowByRow = "row"

// Validate leaves something to train on.
func (s Split) Validate() error {
	switch {
	case s.fixedTwice() != "":
		return fmt.Errorf("%s both fix the split; keep one of them", s.fixedTwice())
	case s.By == "":
		return fmt.Errorf("by is empty; want study, patient, row or a column")
	case s.unknownList() != "":
		return fmt.Errorf("lists: %q is no split; want train, validation or test", s.unknownList())
	case s.Folds == 1:
		return fmt.Errorf("folds is 1; want 0 for a single split, or 2 and more")
	case s.Fold > s.Folds:
		return fmt.Errorf("fold %d of %d does not exist", s.Fold, s.Folds)
	case s.Folds == 0 && s.Validation+s.Test >= 1:
		return fmt.Errorf("validation %v and test %v leave nothing for training; their sum must be below 1", s.Validation, s.Test)
	}
	return s.validateTurns()
}

// columns are what the split wants to know of cases besides their study, patient and
// label.
func (s Split) columns() (out []wantedColumn) {
	if s.File != "" && !s.TestsInTurn() {
		return nil
	}
	if s.Column != "" {
		out = append(out, wantedColumn{path: "data.split.column", name: s.Column})
	}
	if s.By != "study" && s.By != "patient" && s.By != rowByRow {
		out = append(out, wantedColumn{path: "data.split.by", name: s.By})
	}
	for i, name := range s.Stratify {
		if name != "label" {
			out = append(out, wantedColumn{path: fmt.Sprintf("data.split.stratify.%d", i), name: name})
		}
	}
	return out
}

// Validates says whether there will be validation cases.
func (s Split) Validates() bool {
	if s.TestsInTurn() {
		return s.Fold != stage.AllFolds && s.Validation > 0
	}
	return s.Fold != stage.AllFolds && (s.Folds > 0 || s.Validation > 0 || s.fixes() != nil)
}

// fixes are the settings that fix the split.
func (s Split) fixes() (out []string) {
	if s.File != "" {
		out = append(out, "file")
	}
	if len(s.Lists) > 0 {
		out = append(out, "lists")
	}
	if s.Column != "" {
		out = append(out, "column")
	}
	return out
}

func (s Split) fixedTwice() string {
	if all := s.fixes(); len(all) > 1 {
		return strings.Join(all[:2], " and ")
	}
	return ""
}

// unknownList is a list whose name is none of a split.
func (s Split) unknownList() string {
	for _, name := range slices.Sorted(maps.Keys(s.Lists)) {
		if _, known := naming.Splits[name]; !known {
			return name
		}
	}
	return ""
}

// share gives what a split is to get of all cases.
func (s Split) share(split stage.Split) float64 {
	validation := s.Validation
	if s.Folds > 0 {
		validation = (1 - s.Test) / float64(s.Folds)
	}
	switch split {
	case stage.Validation:
		return validation
	case stage.Test:
		return s.Test
	}
	return 1 - validation - s.Test
}

// assign gives every group of cases to one split, and with folds to one fold.
// The test split is taken out first, so that it does not depend on what the rest
// is used for. patients maps studies to patients; nil when they are not known.
func (s Split) assign(seed uint64, cases []stage.Case, patients map[string]string) error {
	groups, err := s.groups(cases, patients)
	if err != nil {
		return err
	}
	bins := s.bins()
	parts := len(bins)
	if s.Test > 0 {
		parts++
	}
	if len(groups) < parts {
		return s.tooFew(fmt.Sprintf("they cannot fill %d splits", parts), len(groups))
	}
	stratify.Shuffle(seed, groups)
	rest := groups
	if s.Test > 0 {
		test := &stratify.Bin{Name: "the test split", Split: stage.Test, Share: s.Test}
		others := &stratify.Bin{Share: 1 - s.Test}
		stratify.Deal(groups, []*stratify.Bin{others, test})
		rest, bins = others.Groups, append(bins, test)
	}
	stratify.Deal(rest, s.open(bins))
	for _, b := range bins {
		if len(b.Groups) == 0 {
			return s.tooFew(fmt.Sprintf("%s gets none at a share of %.3g", b.Name, s.share(b.Split)), len(groups))
		}
		fill(b, cases)
	}
	return nil
}

// open leaves out the test split, which is filled already.
func (s Split) open(bins []*stratify.Bin) []*stratify.Bin {
	return slices.DeleteFunc(slices.Clone(bins), func(b *stratify.Bin) bool { return b.Split == stage.Test })
}

// bins lists what the cases that are no test cases are dealt into.
func (s Split) bins() []*stratify.Bin {
	var out []*stratify.Bin
	for fold := 1; fold <= s.Folds; fold++ {
		split := stage.Train
		if fold == 1 {
			split = stage.Validation
		}
		out = append(out, &stratify.Bin{Name: fmt.Sprintf("fold %d", fold), Split: split, Fold: fold, Share: 1 / float64(s.Folds)})
	}
	if out != nil {
		return out
	}
	out = []*stratify.Bin{{Name: "the train split", Split: stage.Train, Share: s.share(stage.Train) / (1 - s.Test)}}
	if s.Validation > 0 {
		out = append(out, &stratify.Bin{Name: "the validation split", Split: stage.Validation, Share: s.Validation / (1 - s.Test)})
	}
	return out
}

func (s Split) tooFew(why string, n int) error {
	what := map[string]string{"study": "studies", "patient": "patients", rowByRow: "cases"}[s.By]
	if what == "" {
		what = "groups of equal " + s.By
	}
	hint := "make data.split.validation or test larger, or 0, or use more data"
	if s.Folds > 0 {
		hint = "use fewer folds or more data"
	}
	return stage.Wrong{Path: "data.split", Err: stage.Fault{Err: fmt.Errorf("too few %s: there are %d, and %s", what, n, why), Hint: hint}}
}

// fill puts the cases of a bin's groups into its split.
func fill(b *stratify.Bin, cases []stage.Case) {
	for _, g := range b.Groups {
		for _, i := range g.Cases {
			cases[i].Split, cases[i].Fold = b.Split, b.Fold
		}
	}
}
