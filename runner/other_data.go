package main

import (
	"context"
	"errors"

	"vertebra/finished"
	"vertebra/finished/validate"
	"vertebra/results"
	"vertebra/stages/stage"
)

// otherData is what runner validate and runner recalibrate take: nets, and data that these were
// not made for.
type otherData struct {
	ID    string   `arg:"" name:"run" help:"Finished run, or ensemble: its name (the latest so called), its id, the beginning of one, or latest; or a package of one (runner export package)."`
	File  string   `arg:"" help:"Experiment file of the other data, with labels: its section data counts, and evaluate.subgroups and readers. runner init writes one." type:"existingfile"`
	Set   []string `help:"Change a setting of the file: path=value, such as data.source.rsna.root=site-b." sep:"none" placeholder:"PATH=VALUE"`
	Name  string   `help:"What the new run is called; without it, after the run and the file."`
	Again bool     `help:"Make it also when the same was done with the same nets and data already."`
	places
	Device  string `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads int    `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers int    `help:"Images decoded at once." default:"${workers}"`
}

// find gives the run that is tested, and the program that tests it.
func (c otherData) find(ctx context.Context) (run finished.Run, program string, err error) {
	if run, err = (finished.Store{DB: c.DB, Runs: c.Runs}).Find(ctx, c.ID); err != nil {
		return nil, "", err
	}
	program, err = programVersion()
	return run, program, err
}

// request says which data the run is tested on.
func (c otherData) request(w world) validate.Request {
	return validate.Request{File: c.File, Called: w.called(c.File), Set: c.Set, Name: c.Name}
}

// env is the world in which the nets are asked.
func (c otherData) env(w world, to stage.Recorder) stage.Env {
	return asksNets{database{c.DB}, cachePlace{c.Cache}, c.Runs, c.CacheSize, c.Device, c.Threads, c.Workers}.env(w, to)
}

// carryOut asks and measures. What that tells goes into the database and to the console.
func (c otherData) carryOut(ctx context.Context, w world, r *results.Run, measure func(context.Context, stage.Env) error) error {
	console := newConsole(w)
	defer console.close()
	console.say("run %s", r.ID())
	to := &listener{console: console, to: stage.Tee{r, console}}
	err := measure(ctx, c.env(w, to))
	return plain(errors.Join(err, r.Record(context.WithoutCancel(ctx), to.warnings...)))
}

// store begins a run, carries it out and stores how it ended; one of the same fingerprint that is
// done is shown instead.
func (c otherData) store(ctx context.Context, w world, info results.RunInfo, carryOut func(*results.DB, *results.Run) error) (err error) {
	db, err := results.Open(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if done, err := c.made(ctx, w, db, info.Fingerprint, c.Again, sameNets); done || err != nil {
		return err
	}
	if err := c.mayWrite(); err != nil {
		return err
	}
	db.WaitLong(ctx, lockPatience, w.tell)
	info.Now, info.Taken = w.now, runCommand{places: c.places}.taken
	r, err := db.Begin(ctx, info)
	if err != nil {
		return err
	}
	failure := carryOut(db, r)
	return errors.Join(failure, c.finish(context.WithoutCancel(ctx), w, db, r, failure))
}

// sameNets is what two runs of one fingerprint share.
const sameNets = "the same nets, data, measures, program, libtorch and device; --again makes it anyway"
