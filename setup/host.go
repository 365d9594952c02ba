package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// host is what setup asks of the machine; tests replace it.
type host interface {
	// Run runs a command and gives its standard output.
	Run(ctx context.Context, name string, args ...string) (string, error)
	// Exists says whether a file or folder is there.
	Exists(path string) bool
	// Getenv reads the environment.
	Getenv(name string) string
	// Root says whether packages may be installed without sudo.
	Root() bool
}

type realHost struct{}

func (realHost) Run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if exit, ok := err.(*exec.ExitError); ok {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}

func (realHost) Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (realHost) Getenv(name string) string { return os.Getenv(name) }

func (realHost) Root() bool { return os.Geteuid() == 0 }
