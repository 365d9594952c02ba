package ensemble

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Info is what results keep of the ensemble when it begins, but for the clock and the names that are
// taken; program is what made it. Its fingerprint is that of
// the runs, weights and measures, whatever it is called, and of the program.
func (b Blended) Info(program string) (results.RunInfo, error) {
	text := b.Experiment.Resolved()
	nameless := b.Experiment
	nameless.Name, nameless.Purpose, nameless.Ensemble.Runs, nameless.Ensemble.Weights = "", "", nil, nil
	var members []string // in an order of their own: that of the command line counts nothing
	for i, m := range b.members {
		for _, p := range m.parts {
			members = append(members, fmt.Sprintf("%s %s %s %v", p.ID, p.record.Started, p.record.Fingerprint, b.how.Weights[i]))
		}
	}
	slices.Sort(members)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%q", nameless.Resolved(), program, members))
	facts := []stage.Fact{{Name: "program", Value: program}}
	var asked []string
	for i, id := range b.Experiment.Ensemble.Runs {
		if b.Experiment.Ensemble.Weights[i] > 0 {
			asked = append(asked, id)
		}
	}
	list, err := json.Marshal(asked)
	facts = append(facts, stage.Fact{Name: results.EnsembleFact, Value: string(list)})
	for _, name := range []string{audit.FingerprintFact, audit.UndividedFact, audit.TargetsFact, audit.AmongFact} {
		if value := b.records[0].Fact(name); value != "" && (name != audit.TargetsFact || !b.mixed) {
			facts = append(facts, stage.Fact{Name: name, Value: value})
		}
	}
	return results.RunInfo{Name: b.Experiment.Name, Purpose: b.Experiment.Purpose, Experiment: string(text), Seed: b.Experiment.Seed,
		Fingerprint: hex.EncodeToString(sum[:]), Facts: facts}, err
}
