package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// serveCommand is runner serve.
type serveCommand struct {
	Listen string   `help:"Address and port. Anything but this machine's own 127.0.0.1 lets others on the network read all results; there is no password." default:"127.0.0.1:8080"`
	Host   []string `help:"A further name under which browsers may ask, such as one that a proxy uses." placeholder:"NAME"`
	places
}

// shutdownPatience is how long a page under way may take when the server stops.
const shutdownPatience = 5 * time.Second

// readPatience is how long a reader may take for a page.
const readPatience = time.Minute

// Run serves until ctx ends.
func (c serveCommand) Run(ctx context.Context, w world) (err error) {
	db, err := results.OpenExisting(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return listenFault(c.Listen, err)
	}
	address := listener.Addr().(*net.TCPAddr) // what "tcp" listens on
	fmt.Fprintf(w.out, "serving %s at http://%s/ until Ctrl-C; pages only read\n", c.DB, address)
	if !address.IP.IsLoopback() {
		fmt.Fprintln(w.err, "warning: others on the network can read all results")
	}
	s := &site{db: db, places: c.places, now: w.now, pause: time.Second, patience: readPatience, stop: ctx.Done()}
	return serve(ctx, listener, guard{hosts: allowedHosts(address, c.Host), command: "serve"}.around(s.routes()))
}

// serve answers until ctx ends, and then finishes the pages under way.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 16}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
	defer cancel()
	return server.Shutdown(ctx)
}

func listenFault(address string, err error) error {
	hint := "give an address and a port, such as --listen 127.0.0.1:8081"
	if errors.Is(err, syscall.EADDRINUSE) {
		hint = "another program listens there; choose another port, or 0 for any: --listen 127.0.0.1:0"
	}
	return stage.Fault{Err: fmt.Errorf("listen at %s: %w", address, err), Hint: hint}
}
