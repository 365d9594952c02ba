package finished

import (
	"encoding/json"
	"fmt"

	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
)

// Contestant is what a stored run predicted, to be compared or blended. Runs of older programs have no names of
// classes: then they are numbered.
func Contestant(r *results.RunRecord) evaluate.Contestant {
	out := evaluate.Contestant{ID: r.ID, Fingerprint: r.Fact(audit.FingerprintFact), Predictions: r.Predictions}
	if err := json.Unmarshal([]byte(r.Fact(evaluate.ClassesFact)), &out.Classes); err != nil && len(r.Predictions) > 0 {
		for k := range r.Predictions[0].Probabilities {
			out.Classes = append(out.Classes, fmt.Sprint("class ", k))
		}
	}
	return out
}
