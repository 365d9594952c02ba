package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// SoftLabels mixes into the labels of training cases what a file says of them:
//
//	q = (1 − Weight)·one_hot(label) + Weight·p^(1/Temperature) / Σ_k p_k^(1/Temperature)
//
// With p of another net this is distillation (Hinton, Vinyals and Dean 2015, Distilling the
// Knowledge in a Neural Network, section 2: of a teacher whose probabilities are a softmax,
// p^(1/T) scaled to sum 1 is the softmax of its logits divided by T; here the net that is
// trained keeps temperature 1). With p that nets say of cases they were not trained on it is
// the refinement of noisy labels, with shares of votes the mean of several readers.
type SoftLabels struct {
	File        registry.Path `help:"CSV file with the column case_id and one for each class, named as it is: probabilities, as runner predict and runner export predictions write them, or counts of votes; other columns are ignored" required:"true"`
	Weight      float64       `help:"share of the file in the label of a case that it names; the rest is the data's own label" over:"0" max:"1"`
	Temperature float64       `help:"the file's probabilities are raised to 1/temperature and scaled to sum 1: above 1 makes them softer, below 1 harder" over:"0"`
}

// Defaults are half the data's label and half what the file says.
func (SoftLabels) Defaults() SoftLabels { return SoftLabels{Weight: 0.5, Temperature: 1} }

// Softened are the labels that a file changes.
type Softened struct {
	Cases int // of training
	Found int // of these in the file
	// Labelled are those found that have another label beside them in the file, and Other
	// those of which it is another than the data's; Example is one of the latter.
	Labelled, Other int
	Example         string
	// Said are how much the file gives to each class over all cases found, and Own how many of
	// them have its label.
	Said, Own []float64
	// Taught are the test cases that nets which made the file have learnt from: those that
	// it has in a fold.
	Taught int

	shares map[string][]float32 // of the classes, by case; sum 1
	first  string               // case that the file names; "" when it names none
}

// Soften reads what the file says of training cases, and whether test cases have taught who
// wrote it. An error says what is wrong with the file.
func (c SoftLabels) Soften(asked stage.Questions, training, test []stage.Case) (Softened, error) {
	f, err := os.Open(string(c.File))
	if err != nil {
		return Softened{}, stage.Fault{Err: fmt.Errorf("%s cannot be read: %w", c.File, withoutPath(err)), Hint: "runner export predictions RUN FILE and runner predict RUN DATA -o FILE write such files"}
	}
	r := softReader{SoftLabels: c, name: filepath.Base(string(c.File)), asked: asked, cases: map[string]stage.Case{}, lines: map[string]int{}, test: map[string]bool{}}
	for _, one := range training {
		r.cases[one.ID] = one
	}
	for _, one := range test {
		r.test[one.ID] = true
	}
	r.out = Softened{Cases: len(r.cases), shares: map[string][]float32{}}
	err = errors.Join(r.read(f), f.Close())
	r.out.Found = len(r.out.shares)
	return r.out, err
}

// withoutPath leaves the path out, which stands before it.
func withoutPath(err error) error {
	if at := (*os.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// softened is the label of a case of which the file says p, whose sum may be any.
// The largest is divided by first, so that no power leaves the range.
func (c SoftLabels) softened(label int, p []float64) []float32 {
	q, largest, sum := make([]float64, len(p)), 0.0, 0.0
	for _, v := range p {
		largest = max(largest, v)
	}
	for k, v := range p {
		q[k] = math.Pow(v/largest, 1/c.Temperature)
		sum += q[k]
	}
	out := make([]float32, len(p))
	for k, v := range q {
		own := 0.0
		if k == label {
			own = 1
		}
		out[k] = float32((1-c.Weight)*own + c.Weight*v/sum)
	}
	return out
}

// FitsSoftLabels says what is wrong with the file of soft labels, if there is one. training
// are the cases that some net of the run is trained on. Paths are those within the section.
func (c Config) FitsSoftLabels(asked stage.Questions, training []stage.Case) []registry.FieldProblem {
	if c.SoftLabels == nil {
		return nil
	}
	soft, err := c.SoftLabels.Soften(asked, training, nil)
	if err == nil && soft.Found == 0 && len(training) > 0 {
		err = c.SoftLabels.noneFound(soft, training[0].ID)
	}
	if err == nil {
		return nil
	}
	problem, fault := registry.FieldProblem{Path: "soft_labels.file", Text: err.Error()}, stage.Fault{}
	if errors.As(err, &fault) {
		problem.Text, problem.Hint = fault.Err.Error(), fault.Hint
	}
	return []registry.FieldProblem{problem}
}

func (c SoftLabels) noneFound(soft Softened, id string) error {
	if soft.first == "" {
		return stage.Fault{Err: fmt.Errorf("%s names no case", filepath.Base(string(c.File))), Hint: "it wants a row for each training case, such as " + id}
	}
	return stage.Fault{Err: fmt.Errorf("%s names none of the %d training cases", filepath.Base(string(c.File)), soft.Cases),
		Hint: fmt.Sprintf("it names cases such as %s, the training cases are such as %s; predictions of a run with data.split.folds name every case outside the test split", soft.first, id)}
}

// SoftLabelsSum names the content of the file of soft labels by its SHA-256; "" without one.
func (c Config) SoftLabelsSum() (string, error) {
	if c.SoftLabels == nil {
		return "", nil
	}
	sum, err := stage.SumOf(string(c.SoftLabels.File))
	return "sha256 " + sum, err
}

// fingerprint names the labels that training cases have, in the order of the cases.
func (s Softened) fingerprint(cases []stage.Case) string {
	h := sha256.New()
	for _, c := range cases {
		if shares := s.shares[c.ID]; shares != nil && c.Split == stage.Train {
			fmt.Fprintf(h, "%q %x\n", c.ID, shares)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Words say what the labels are mixed with.
func (c SoftLabels) Words(s Softened) string {
	words := fmt.Sprintf("%s names %d of %d training cases and is %.4g of their labels", filepath.Base(string(c.File)), s.Found, s.Cases, c.Weight)
	if c.Temperature != 1 {
		words += fmt.Sprintf(", at temperature %.4g", c.Temperature)
	}
	return words
}

// readSoftLabels reads the soft labels of the training cases, where there are some.
func (t *trainer) readSoftLabels(ctx context.Context) (err error) {
	training := casesIn(t.images.Cases, stage.Train)
	if t.soft, err = t.cfg.soften(t.images.Questions(), training); err != nil || t.cfg.SoftLabels == nil {
		return err
	}
	return t.recordEvent(ctx, "info", "soft labels: %s", t.cfg.SoftLabels.Words(t.soft))
}

// soften gives the labels of training cases that are more than one class: those that a file
// changes, and pseudo-labels, which no file does.
func (c Config) soften(asked stage.Questions, training []stage.Case) (out Softened, err error) {
	labelled := slices.DeleteFunc(slices.Clone(training), func(one stage.Case) bool { return one.Soft != nil })
	if c.SoftLabels != nil {
		if out, err = c.SoftLabels.Soften(asked, labelled, nil); err != nil {
			return out, fmt.Errorf("soft_labels: %w", err)
		}
	}
	for _, one := range training {
		if one.Soft != nil && out.shares == nil {
			out.shares = map[string][]float32{}
		}
		if one.Soft != nil {
			out.shares[one.ID] = one.Soft
		}
	}
	return out, nil
}

func casesIn(cases []stage.Case, split stage.Split) (out []stage.Case) {
	for _, c := range cases {
		if c.Split == split {
			out = append(out, c)
		}
	}
	return out
}
