package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// state says where a training is, between two optimizer steps. With the tensors of
// a checkpoint it is all that the rest of the training depends on: everything
// random is a function of seed, epoch, step and sample.
type state struct {
	Phase  int             `json:"phase"`  // index of the phase under way
	Before int             `json:"before"` // epochs of the phases before it
	Values []number        `json:"values"` // of the monitored number, for each finished epoch of the phase
	Better stage.Direction `json:"better"` // which way that number is better
	Step   int             `json:"step"`   // optimizer steps of the run so far
	Parts  int             `json:"parts"`  // that a batch must be computed in, as was found; 0: nothing was

	Averaged      int64 `json:"averaged,omitempty"`       // updates, or with swa epochs, of the phase that the averages of the weights followed
	AveragedEpoch int   `json:"averaged_epoch,omitempty"` // the last of these epochs, of the run

	// Of the epoch under way:
	Batch   int    `json:"batch"` // batches done
	Images  int    `json:"images"`
	Answers int    `json:"answers"`
	Hits    int64  `json:"hits"`
	Loss    number `json:"loss"` // summed over the answers
	Seconds number `json:"seconds"`
	Rate    number `json:"rate"` // of the last step

	// Of training in float16:
	Scale         torch.LossScale `json:"scale,omitzero"`
	LeftOut       int             `json:"left_out,omitempty"`        // updates of the epoch under way
	LeftOutBefore int             `json:"left_out_before,omitempty"` // those of the phase's epochs before

	Numerics []numerics `json:"numerics,omitempty"` // of the phases that are over

	BestEpoch int    `json:"best_epoch"` // of the phase; 0 for none yet
	BestValue number `json:"best_value"`

	Kept     []kept `json:"kept,omitempty"`      // epochs with files of their own
	OverDisk bool   `json:"over_disk,omitempty"` // it was told that best and last are too large
}

// number is a float64 that JSON keeps to the last bit, infinities included.
type number float64

// MarshalJSON writes the shortest text that reads back as the same number.
func (n number) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatFloat(float64(n), 'g', -1, 64)), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *number) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	v, err := strconv.ParseFloat(text, 64)
	*n = number(v)
	return err
}

// history is what a schedule and a stop may look at.
func (a state) history(phase Phase) History {
	h := History{Epochs: phase.Epochs, Epoch: len(a.Values) + 1, Better: a.Better}
	for _, v := range a.Values {
		h.Values = append(h.Values, float64(v))
	}
	return h
}

// begun is the last epoch of the phase that has begun, from 1.
func (a state) begun() int {
	if a.Batch > 0 {
		return len(a.Values) + 1
	}
	return max(1, len(a.Values))
}

// ended says why the phase is over, or "".
func (a state) ended(phase Phase) string {
	h := a.history(phase)
	switch {
	case phase.Stop != nil && len(h.Values) > 0 && phase.Stop.waited(h) >= phase.Stop.Patience:
		return fmt.Sprintf("no better for %d epochs", phase.Stop.Patience)
	case len(h.Values) >= phase.Epochs:
		return "all epochs done"
	}
	return ""
}

// nextEpoch forgets the sums of the epoch that is over.
func (a *state) nextEpoch(value float64) {
	a.Values = append(a.Values, number(value))
	a.Batch, a.Images, a.Answers, a.Hits, a.Loss, a.Seconds = 0, 0, 0, 0, 0, 0
	a.LeftOutBefore, a.LeftOut = a.LeftOutBefore+a.LeftOut, 0
}

// keeper is a piece of the training that has a state of its own besides the
// weights: the optimizer, averages of the weights. Its tensors have names that
// begin with a word of its own and a slash.
type keeper interface {
	store(s *torch.Scope, f safetensors.File)
	load(s *torch.Scope, f safetensors.File)
}

// keepers are the pieces with a state of their own.
func (t *trainer) keepers() []keeper { return []keeper{optimizerState{t}, averageState{t}} }

// fingerprint names everything of the data that the training depends on.
func (t *trainer) fingerprint() string {
	data := dataFingerprint(t.images)
	if t.soft.shares == nil {
		return data
	}
	return data + " " + t.soft.fingerprint(t.images.Cases)
}

// dataFingerprint names the images, labels, targets and splits that a training saw.
func dataFingerprint(images *preprocess.Images) string {
	h := sha256.New()
	fmt.Fprintln(h, images.Shape(), images.Classes)
	if images.Among != nil {
		fmt.Fprintln(h, images.Among)
	}
	for _, split := range stage.Splits {
		fmt.Fprintln(h, split, images.Mean[split], images.Std[split])
	}
	for _, c := range images.Cases {
		fmt.Fprintf(h, "%q %d %s\n", c.ID, c.Label, c.Split)
		if len(images.Targets) > 0 {
			fmt.Fprintf(h, "%q\n", images.Targets[c.Target])
		}
		if len(images.Covariates) > 0 {
			fmt.Fprintln(h, images.Covariates.Row(c.Tags))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
