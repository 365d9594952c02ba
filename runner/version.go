package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/alecthomas/kong"

	"vertebra/stages/model"
)

// versionFlag is runner --version.
type versionFlag bool

// BeforeReset says which program this is, before commands are looked for.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	program, err := programVersion()
	if err != nil {
		return err
	}
	machine, err := model.FindMachine(context.Background(), "cpu")
	if err != nil {
		return err
	}
	fmt.Fprintf(app.Stdout, "runner %s\nlibtorch %s, %s\n", program, machine.LibTorch, runtime.Version())
	app.Exit(exitDone)
	return nil
}
