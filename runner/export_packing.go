package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/locate"
	"vertebra/stages/model"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// packing is a package on its way.
type packing struct {
	packages.Manifest
	parts []packages.Content
	lacks string // what a reader of the run would miss; "" for nothing
	guard nameGuard
	env   stage.Env // in which nets are probed
}

// pack collects what is known of the run, or of the ensemble and its members.
func (c exportPackageCommand) pack(ctx context.Context, w world) (*packing, error) {
	record, err := c.load(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	if err := hasNets(record); err != nil {
		return nil, err
	}
	run, err := finished{c.database, c.Runs}.stored(record)
	if err != nil {
		return nil, err
	}
	k := &packing{guard: newNameGuard(w.dir), env: stage.Env{Now: w.now, Recorder: stage.Discard, Device: "cpu", Threads: c.Threads}}
	if k.Program, err = programVersion(); err != nil {
		return nil, err
	}
	machine, err := model.FindMachine(ctx, k.env.Device)
	if err != nil {
		return nil, err
	}
	k.Libtorch = machine.LibTorch
	if record.Fact(results.EnsembleFact) != "" {
		err = k.ensemble(ctx, run)
	} else {
		k.Run, err = k.add(ctx, run, "")
	}
	if err == nil {
		err = k.guard.check(k.Manifest)
	}
	return k, err
}

// ensemble adds an ensemble and the members that count.
func (k *packing) ensemble(ctx context.Context, run storedRun) error {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return err
	}
	if k.Run, err = k.describe(run); err != nil {
		return err
	}
	if _, _, err := openMembers(ctx, run, e.Ensemble); err != nil { // all weights, before any is read
		return err
	}
	for i, id := range e.Ensemble.Runs {
		_, name, elsewhere := splitPacked(id)
		if e.Ensemble.Weights[i] == 0 {
			if elsewhere { // nobody asks it, and nobody is to know where its package lay
				e.Ensemble.Runs[i] = name
			}
			continue
		}
		member, err := run.Member(ctx, id)
		if err != nil {
			return err
		}
		packed, err := k.add(ctx, member, fmt.Sprintf("members/%d/", len(k.Members)+1))
		if err != nil {
			return fmt.Errorf("member %s: %w", id, err)
		}
		if elsewhere {
			packed.ID = k.free(packed.ID)
			e.Ensemble.Runs[i] = packed.ID
		}
		k.Members = append(k.Members, packed)
	}
	asked, err := json.Marshal(e.Ensemble.Runs)
	if err != nil {
		return err
	}
	if err := k.Run.SetFact(results.EnsembleFact, string(asked)); err != nil {
		return err
	}
	e.Purpose = k.purpose(e.Purpose)
	k.Run.Purpose = e.Purpose
	k.Run.Experiment = k.experiment("", e, e.Resolved())
	return nil
}

// free is a name that no run of the package has: a member that was packed elsewhere may be called
// as a run here.
func (k *packing) free(id string) string {
	out := id
	for n := 2; out == k.Run.ID || slices.ContainsFunc(k.Members, func(r packages.Run) bool { return r.ID == out }); n++ {
		out = fmt.Sprintf("%s-%d", id, n)
	}
	return out
}

// add adds a run with its nets, whose parts lie below a folder.
func (k *packing) add(ctx context.Context, run trained, folder string) (out packages.Run, err error) {
	p, err := open(run, 0)
	if err != nil {
		return out, err
	}
	if out, err = k.describe(run); err != nil {
		return out, err
	}
	if out.Image, err = imageOf(p); err != nil {
		return out, err
	}
	out.Backbone = p.e.Model.Backbone.Name
	k.guard.learnExperiment(p.e)
	e, left := experiments.Portable(p.e)
	for _, setting := range left {
		k.leave(setting)
	}
	e.Purpose = k.purpose(e.Purpose)
	out.Purpose, out.Experiment = e.Purpose, k.experiment(folder, e, experiments.Resolved(e))
	k.lacks = cmp.Or(k.lacks, p.noRarity())
	if out.Nets, err = k.nets(ctx, p, folder); err == nil {
		out.Locate, err = k.finder(p, folder)
	}
	return out, err
}

// finder adds the net that finds points, where the run has one.
func (k *packing) finder(p predictor, folder string) (*packages.Locate, error) {
	f, ok, err := p.finder()
	if err != nil || !ok {
		return nil, err
	}
	out := &packages.Locate{Weights: folder + "locate/net.safetensors", Points: folder + "locate/" + locate.File}
	k.guard.says(out.Points, experiments.Texts(f.Names))
	k.parts = append(k.parts, packages.Content{Name: out.Weights, Make: func() ([]byte, error) { return train.Alone(f.Weights) }},
		packages.Content{Name: out.Points, Make: f.Encode})
	return out, nil
}

// nets adds the weights of a run's nets, and what these say of noise.
func (k *packing) nets(ctx context.Context, p predictor, folder string) (out []packages.Net, err error) {
	layout, err := layoutOf(p)
	if err != nil {
		return nil, err
	}
	cfg := p.e.Model
	cfg.Input = layout.input
	net, err := model.Blank(ctx, k.env, cfg, layout.Shape, p.e.Task(p.asked, p.covariates))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	for _, one := range p.nets {
		if err := train.Restore(ctx, net, one); err != nil {
			return nil, err
		}
		if err := one.tried(ctx, net, layout.Shape); err != nil {
			return nil, err
		}
		logits, err := train.Probe(ctx, net, layout.Shape)
		if err != nil {
			return nil, err
		}
		name := folder + "weights/net.safetensors"
		if one.fold > 0 {
			name = fmt.Sprintf("%sweights/fold-%d.safetensors", folder, one.fold)
		}
		k.parts = append(k.parts, packages.Content{Name: name, Make: func() ([]byte, error) { return train.Alone(one) }})
		packed := packages.Net{Weights: name, Fold: one.fold, Probe: logits}
		if p.rarity != nil {
			packed.Outliers = strings.Replace(name, "weights/", "outliers/", 1)
			k.parts = append(k.parts, packages.Content{Name: packed.Outliers, Make: one.outliers.Read})
		}
		out = append(out, packed)
	}
	return out, nil
}

// experiment adds one as a part, and gives its name.
func (k *packing) experiment(folder string, e any, text []byte) string {
	name := folder + "experiment.yaml"
	k.guard.says(name, experiments.Texts(e))
	k.parts = append(k.parts, packages.Content{Name: name, Make: func() ([]byte, error) { return text, nil }})
	return name
}

// purpose leaves a purpose out that names what no package may name.
func (k *packing) purpose(text string) string {
	if k.guard.named(text, false) == "" {
		return text
	}
	k.leave("purpose (it names a case, a study or a folder)")
	return ""
}

func (k *packing) leave(setting string) {
	if !slices.Contains(k.Left, setting) {
		k.Left = append(k.Left, setting)
	}
}
