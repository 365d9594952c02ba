package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"vertebra/finished"
	"vertebra/finished/asking"
	"vertebra/finished/form"
	"vertebra/stages/stage"
)

// tryCommand is runner try.
type tryCommand struct {
	ID string `arg:"" name:"run" help:"Finished run: its name (the latest so called), its id, the beginning of one, or latest; or a package of one (runner export package), which needs no database."`

	Listen  string   `help:"Address and port; port 0 takes any that is free. Anything but this machine's own 127.0.0.1 lets others on the network ask the nets; there is no password." default:"127.0.0.1:8081"`
	Host    []string `help:"A further name under which browsers may ask, such as one that a proxy uses." placeholder:"NAME"`
	Upload  size     `help:"How much one request may send. 0 for no limit." default:"2GB"`
	Device  string   `help:"Where to compute: auto, cpu, cuda, cuda:<index>." default:"auto"`
	Threads int      `help:"Threads of one tensor operation; 0 leaves it to libtorch." default:"0"`
	Workers int      `help:"Images decoded at once." default:"${workers}"`
	Runs    string   `help:"Folder of checkpoints." default:"runs" type:"path"`
	database
}

// Run opens the nets and answers until ctx ends.
func (c tryCommand) Run(ctx context.Context, w world) (err error) {
	run, err := (finished.Store{DB: c.DB, Runs: c.Runs}).Find(ctx, c.ID)
	if err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	env := stage.Env{Now: w.now, Recorder: onlyTroubles{console}, Device: c.Device, Threads: c.Threads, Workers: max(1, c.Workers), Pretrained: torchHub()}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return listenFault(c.Listen, err)
	}
	defer func() { _ = listener.Close() }() // which serve has closed, where it came so far
	asker, err := asking.Open(ctx, env, run)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, asker.Close()) }()
	dir, err := os.MkdirTemp("", "vertebra-try-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t := newTryPage(ctx, asker, run, env, dir)
	t.most, t.troubles = int64(c.Upload), w.err
	defer t.close()
	address := listener.Addr().(*net.TCPAddr) // what "tcp" listens on
	fmt.Fprintf(w.out, "run %s answers at http://%s/ until Ctrl-C; images stay on this machine, in %s while they are asked about\n", run.ID(), address, dir)
	if !address.IP.IsLoopback() {
		fmt.Fprintln(w.err, "warning: others on the network can ask the nets, and what they send goes over it unencrypted")
	}
	return serve(ctx, listener, t.around(allowedHosts(address, c.Host)))
}

// around are the routes behind the guard.
func (t *tryPage) around(hosts func(string) bool) http.Handler {
	return guard{hosts: hosts, posts: true, command: "try",
		refuse: func(w http.ResponseWriter, text string, code int) { refuse(w, form.Refuse(code, errors.New(text))) }}.around(t.routes())
}

// newTryPage is a page of nets that were opened; dir is empty, and for it alone.
func newTryPage(ctx context.Context, asker *asking.Asker, run finished.Run, env stage.Env, dir string) *tryPage {
	return &tryPage{asker: asker, run: run, env: env, dir: dir, stop: ctx, places: make(chan struct{}, mostTried), drawing: make(chan struct{}, 1), patience: readPatience, silence: time.Minute, troubles: io.Discard}
}
