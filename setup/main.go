// Command setup finds or installs libtorch, finds out which of gotch's wrappers
// compile against it, and writes .libtorch/env, which make and people source
// before they build. It is quick when nothing has changed. As setup bundle PROGRAM FOLDER
// it copies a program with all that it loads.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		os.Exit(1)
	}
}

// run is the main path: pick, compare with the last time, probe, write.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 3 && args[0] == "bundle" {
		return bundle(ctx, realHost{}, args[1], args[2], out)
	}
	flags := flag.NewFlagSet("setup", flag.ContinueOnError)
	dir := flags.String("out", ".libtorch", "folder to write to")
	from := flags.String("from", os.Getenv("VERTEBRA_LIBTORCH"), "where to take libtorch from: python, system (installed if it is missing); empty tries $LIBTORCH, python, system")
	cuda := flags.String("cuda", os.Getenv("VERTEBRA_CUDA"), "1 builds for CUDA without a driver here, 0 never does")
	if err := flags.Parse(args); err != nil {
		return err
	}
	folder, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	host := realHost{}
	lib, err := pick(ctx, host, *from, out)
	if err != nil {
		return err
	}
	tools, err := findTools(ctx, host)
	if err != nil {
		return err
	}
	build := plan(host, lib, tools, *cuda)
	if upToDate(folder, build) {
		fmt.Fprintf(out, "setup: libtorch %s (%s) in %s, unchanged\n", lib.Version, build.kind(), lib.LibDir)
		return nil
	}
	fmt.Fprintf(out, "setup: libtorch %s (%s) in %s: %s\n", lib.Version, build.kind(), lib.LibDir, lib.Why)
	openjpeg(ctx, host, out)
	missing, err := probe(ctx, build)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "setup: %d of gotch's operators are not in this libtorch; calling one gives an error\n", len(missing))
	return write(folder, build, missing)
}

// errHint is an error with the command that mends it.
func errHint(err, hint string) error { return errors.New(err + "\n  " + hint) }
