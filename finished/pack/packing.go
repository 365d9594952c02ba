// Package pack makes packages of finished runs: it collects nets, experiment, facts and numbers, has
// each net answer images of noise, and refuses what would name a case of the data. Package
// packages has the format of the files.
package pack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/locate"
	"vertebra/stages/model"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Packing is a package on its way.
type Packing struct {
	packages.Manifest
	Lacks string // what a reader of the run would miss; "" for nothing
	parts []packages.Content
	guard nameGuard
	env   stage.Env // in which nets are probed
}

// Pack collects what is known of a finished run, or of an ensemble and its members. Of env it takes
// the clock and the number of threads. program is what the manifest says that wrote it, and folder one
// of this machine that no text of a package may name. A package that would name a case or a
// study is an error.
func Pack(ctx context.Context, env stage.Env, run finished.Run, program, folder string) (*Packing, error) {
	k := &Packing{guard: newNameGuard(folder), env: stage.Env{Now: env.Now, Recorder: stage.Discard, Device: "cpu", Threads: env.Threads}}
	k.Program = program
	machine, err := model.FindMachine(ctx, k.env.Device)
	if err != nil {
		return nil, err
	}
	k.Libtorch = machine.LibTorch
	if finished.IsEnsemble(run) {
		err = k.ensemble(ctx, run)
	} else {
		k.Run, err = k.add(ctx, run, "")
	}
	if err == nil {
		err = k.guard.check(k.Manifest)
	}
	return k, err
}

// Write writes the package, with a page for people, and gives the SHA-256 of the file.
func (k *Packing) Write(ctx context.Context, path string) (sum string, err error) {
	readme := packages.Content{Name: packages.CardName, Make: func() ([]byte, error) { return card(k.Manifest), nil }}
	return packages.Write(ctx, path, k.Manifest, append([]packages.Content{readme}, k.parts...))
}

// ensemble adds an ensemble and the members that count.
func (k *Packing) ensemble(ctx context.Context, run finished.Run) error {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return err
	}
	if k.Run, err = k.describe(run); err != nil {
		return err
	}
	if _, _, err := finished.Members(ctx, run, e.Ensemble); err != nil { // all weights, before any is read
		return err
	}
	for i, id := range e.Ensemble.Runs {
		_, name, elsewhere := finished.SplitPacked(id)
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
func (k *Packing) free(id string) string {
	out := id
	for n := 2; out == k.Run.ID || slices.ContainsFunc(k.Members, func(r packages.Run) bool { return r.ID == out }); n++ {
		out = fmt.Sprintf("%s-%d", id, n)
	}
	return out
}

// add adds a run with its nets, whose parts lie below a folder.
func (k *Packing) add(ctx context.Context, run finished.Run, folder string) (out packages.Run, err error) {
	o, err := finished.Open(run, 0)
	if err != nil {
		return out, err
	}
	if out, err = k.describe(run); err != nil {
		return out, err
	}
	if out.Image, err = imageOf(o); err != nil {
		return out, err
	}
	out.Backbone = o.Experiment.Model.Backbone.Name
	k.guard.learnExperiment(o.Experiment)
	e, left := experiments.Portable(o.Experiment)
	for _, setting := range left {
		k.leave(setting)
	}
	e.Purpose = k.purpose(e.Purpose)
	out.Purpose, out.Experiment = e.Purpose, k.experiment(folder, e, experiments.Resolved(e))
	k.Lacks = cmp.Or(k.Lacks, o.NoOutliers())
	if out.Nets, err = k.nets(ctx, o, folder); err == nil {
		out.Locate, err = k.finder(o, folder)
	}
	return out, err
}

// finder adds the net that finds points, where the run has one.
func (k *Packing) finder(o finished.Opened, folder string) (*packages.Locate, error) {
	f, ok, err := o.Finder()
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
func (k *Packing) nets(ctx context.Context, o finished.Opened, folder string) (out []packages.Net, err error) {
	layout, err := o.Entering()
	if err != nil {
		return nil, err
	}
	cfg := o.Experiment.Model
	cfg.Input = layout.Input
	net, err := model.Blank(ctx, k.env, cfg, layout.Shape, o.Task())
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	for _, one := range o.Nets {
		if err := train.Restore(ctx, net, one); err != nil {
			return nil, err
		}
		if err := one.Tried(ctx, net, layout.Shape); err != nil {
			return nil, err
		}
		logits, err := train.Probe(ctx, net, layout.Shape)
		if err != nil {
			return nil, err
		}
		name := folder + "weights/net.safetensors"
		if one.Fold > 0 {
			name = fmt.Sprintf("%sweights/fold-%d.safetensors", folder, one.Fold)
		}
		k.parts = append(k.parts, packages.Content{Name: name, Make: func() ([]byte, error) { return train.Alone(one) }})
		packed := packages.Net{Weights: name, Fold: one.Fold, Probe: logits}
		if o.KnowsOutliers() {
			packed.Outliers = strings.Replace(name, "weights/", "outliers/", 1)
			k.parts = append(k.parts, packages.Content{Name: packed.Outliers, Make: one.Outliers.Read})
		}
		out = append(out, packed)
	}
	return out, nil
}

// experiment adds one as a part, and gives its name.
func (k *Packing) experiment(folder string, e any, text []byte) string {
	name := folder + "experiment.yaml"
	k.guard.says(name, experiments.Texts(e))
	k.parts = append(k.parts, packages.Content{Name: name, Make: func() ([]byte, error) { return text, nil }})
	return name
}

// purpose leaves a purpose out that names what no package may name.
func (k *Packing) purpose(text string) string {
	if k.guard.named(text, false) == "" {
		return text
	}
	k.leave("purpose (it names a case, a study or a folder)")
	return ""
}

func (k *Packing) leave(setting string) {
	if !slices.Contains(k.Left, setting) {
		k.Left = append(k.Left, setting)
	}
}
