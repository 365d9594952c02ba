package train

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
)

// optimizerState keeps the optimizer: tensors optimizer.<slot>/<parameter>, and
// the steps of each parameter among the metadata, with how its average weighs them.
type optimizerState struct{ t *trainer }

func (o optimizerState) store(s *torch.Scope, f safetensors.File) {
	for _, p := range o.t.optimizer.Names() {
		state := o.t.optimizer.State(p)
		f.Metadata["optimizer.step/"+p] = strconv.FormatInt(state.Step, 10)
		if state.Mean != (torch.Mean{}) {
			f.Metadata["optimizer.mean/"+p] = fmt.Sprint(state.Mean.Largest, " ", state.Mean.Sum) // digits enough to read the same numbers
		}
		for slot, tensor := range state.Slots {
			f.Tensors["optimizer."+slot+"/"+p] = safetensors.Tensor{Shape: s.Describe(tensor).Shape, Data: s.Float32s(tensor)}
		}
	}
}

func (o optimizerState) load(s *torch.Scope, f safetensors.File) {
	for _, p := range o.t.net.Store.Parameters {
		text, ok := f.Metadata["optimizer.step/"+p.Name]
		if !ok {
			continue
		}
		step, err := strconv.ParseInt(text, 10, 64)
		mean := torch.Mean{}
		if text, ok := f.Metadata["optimizer.mean/"+p.Name]; ok {
			_, second := fmt.Sscan(text, &mean.Largest, &mean.Sum)
			err = errors.Join(err, second)
		}
		s.Fail(err)
		slots := map[string][]float32{}
		for name, tensor := range f.Tensors {
			if slot, found := strings.CutSuffix(strings.TrimPrefix(name, "optimizer."), "/"+p.Name); found {
				slots[slot] = tensor.Data
			}
		}
		o.t.optimizer.Restore(s, p, step, mean, slots)
	}
}
