package audit

import (
	"context"
	"maps"
	"slices"

	"vertebra/stages/stage"
)

// Look is Run with a pass over the pixels of all images that cases use: blank
// images, duplicates, exact and near, and what they imply for labels and splits.
// What it learns of a file is remembered in the cache folder.
func Look(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	c, err := Begin(ctx, env, cfg)
	if err != nil {
		return Cases{}, err
	}
	return c.Look(ctx, env)
}

// Begin is the part of Look that reads no pixels, and records nothing: others may
// show the images that they decode to Cases.Looks, before Cases.Look ends it.
func Begin(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	a, err := run(ctx, env, cfg)
	if err != nil {
		return Cases{}, err
	}
	a.using = a.uses()
	c := a.Cases
	c.Looks = newLooks(env, a)
	return c, nil
}

// Look ends what Begin began: it reads the pixels that it was not shown, applies the
// rules on pixels, and records what the audit found.
func (c Cases) Look(ctx context.Context, env stage.Env) (Cases, error) {
	a := c.Looks.audited
	if err := c.Looks.rest(ctx, env); err != nil {
		return Cases{}, err
	}
	a.looks = c.Looks.found
	for _, id := range order {
		r := rules[id]
		if !r.Pixels() {
			continue
		}
		f := r.finding(r.look(a.view), a.cfg.Rules.of(r))
		if f != nil {
			f.Reason = a.Local(f.Reason)
		}
		if f != nil && f.Done == "refused" {
			return Cases{}, f.refusal()
		}
		if f != nil {
			a.Findings = append(a.Findings, *f)
		}
	}
	sortFindings(a.Findings)
	a.leak.fact += a.pixelFact()
	return a.Cases, a.Cases.tell(ctx, env, a.leak)
}

// Tell records what the audit found without pixels, where Look will not come to it.
func (c Cases) Tell(ctx context.Context, env stage.Env) error {
	return c.tell(ctx, env, c.Looks.leak)
}

// pixelFiles lists the images of all cases, sorted.
func (v *view) pixelFiles() []string {
	return slices.Sorted(maps.Keys(v.using))
}
