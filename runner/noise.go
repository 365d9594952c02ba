package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/finished/compare"
	"vertebra/results"
	"vertebra/stages/stage"
)

// noiseCommand is runner noise.
type noiseCommand struct {
	Seeds int `help:"How many seeds: that of the experiment and those that follow it." default:"5"`
	runCommand
}

// Run carries the experiment out with several seeds, and keeps how much the final
// numbers differ. The split stays the same: data.split.seed makes it. What is
// done already is not repeated.
func (c noiseCommand) Run(ctx context.Context, w world) (err error) {
	switch {
	case c.Seeds < 2:
		return stage.Fault{Err: fmt.Errorf("%d seeds show no spread", c.Seeds), Hint: "give --seeds 5 or more"}
	case c.Resume != "":
		return stage.Fault{Err: errors.New("noise resumes by itself what is not finished"), Hint: "leave --resume out"}
	}
	e, _, err := experiments.Load(c.File, c.Set)
	if err != nil {
		c.runCommand.Set = c.Set
		return c.runCommand.Run(ctx, w) // tells the mistakes as run does
	}
	hashes, err := c.runSeeds(ctx, w, e.Seed)
	if err != nil {
		return err
	}
	db, err := results.OpenExisting(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.WaitLong(ctx, lockPatience, w.tell)
	records, err := latestOf(ctx, db, hashes)
	if err != nil {
		return err
	}
	list, err := compare.NoiseOf(w.now(), records)
	if err != nil {
		return err
	}
	if err := db.StoreNoise(ctx, list); err != nil {
		return err
	}
	return tellNoise(w, list)
}

// runSeeds carries the experiment out with each seed, and gives the identities of the runs.
func (c noiseCommand) runSeeds(ctx context.Context, w world, first uint64) (hashes []string, err error) {
	for i := range c.Seeds {
		seed, one := first+uint64(i), c.runCommand
		one.Set = append(slices.Clone(c.Set), fmt.Sprintf("seed=%d", seed))
		fmt.Fprintf(w.out, "seed %d of %d\n", i+1, c.Seeds)
		if err := one.Run(ctx, w); errors.Is(err, context.Canceled) {
			return nil, resumable{err, "the same command goes on, and repeats no seed that is done"}
		} else if err != nil {
			return nil, fmt.Errorf("seed %d: %w", seed, err)
		}
		e, _, err := experiments.Load(one.File, one.Set)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, one.identify(ctx, w, e).hash)
	}
	return hashes, nil
}

// latestOf finds the latest finished run of each identity.
func latestOf(ctx context.Context, db *results.DB, hashes []string) (records []*results.RunRecord, err error) {
	runs, err := db.Runs(ctx, results.Filter{Status: results.Done})
	if err != nil {
		return nil, err
	}
	for _, hash := range hashes {
		at := slices.IndexFunc(runs, func(r results.RunSummary) bool { return r.Fingerprint == hash })
		if at < 0 {
			return nil, fmt.Errorf("the run of identity %.12s is not in the database", hash)
		}
		record, err := db.Load(ctx, runs[at].ID)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func tellNoise(w world, list []results.Noise) error {
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nSPLIT\tMETRIC\tMEAN\tSTANDARD DEVIATION\tLOWEST\tHIGHEST")
	for _, n := range list {
		fmt.Fprintf(t, "%s\t%s\t%.4g\t%.2g\t%.4g\t%.4g\n", n.Series, n.Metric, n.Mean, n.Deviation, n.Low, n.High)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w.out, "stored; comparisons on this data quote it")
	return err
}
