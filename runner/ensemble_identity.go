package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// info is what results keep of the ensemble when it begins. Its fingerprint is that of
// the runs, weights and measures, whatever it is called, and of the program.
func (c ensembleCommand) info(w world, b blended) (results.RunInfo, error) {
	program, err := programVersion()
	if err != nil {
		return results.RunInfo{}, err
	}
	text := b.e.Resolved()
	nameless := b.e
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
	for i, id := range b.e.Ensemble.Runs {
		if b.e.Ensemble.Weights[i] > 0 {
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
	run := runCommand{places: c.places}
	return results.RunInfo{Name: b.e.Name, Purpose: b.e.Purpose, Experiment: string(text), Seed: b.e.Seed, Now: w.now,
		Fingerprint: hex.EncodeToString(sum[:]), Facts: facts, Taken: run.taken}, err
}

// made looks for a finished run of the fingerprint and shows it, unless it is to be made again.
func (c places) made(ctx context.Context, w world, db *results.DB, fingerprint string, again bool, same string) (bool, error) {
	if again {
		return false, nil
	}
	runs, err := db.Runs(ctx, results.Filter{Status: results.Done})
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(runs, func(r results.RunSummary) bool { return r.Fingerprint == fingerprint })
	if at < 0 {
		return false, nil
	}
	return true, c.showDone(ctx, w, db, runs[at], same)
}
