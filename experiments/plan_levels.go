package experiments

import (
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
)

// levelWarnings tell where the size of a crop is not known from the spacing of levels.
func levelWarnings(e Experiment, cases audit.Cases) (out []string) {
	dropped, otherwise := preprocess.Unspaced(e.Preprocess, cases)
	if dropped > 0 {
		out = append(out, fmt.Sprintf("preprocess.crop: %d pictures will be dropped: no other level is marked on their series, so its level_spacings say no size; give it one for these as well, such as millimetres: 60", dropped))
	}
	if otherwise > 0 {
		out = append(out, fmt.Sprintf("preprocess.crop: of %d pictures no other level is marked on their series: they get the size that stands beside level_spacings", otherwise))
	}
	return out
}
