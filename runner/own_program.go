package main

import (
	"os"
	"path/filepath"
	"strings"
)

// ownProgram is the file of this program, also after another one took its path: who builds
// anew while a sweep runs does not want its later trials to be of another program; and what starts it
// again. That of a bundle (setup/bundle.go) is started by a loader, so it is started again by the launcher, whose
// name it was given as its own.
func ownProgram() (file, start string, err error) {
	const own = "/proc/self/exe" // of Linux
	path, err := os.Executable()
	if err != nil {
		return "", "", err
	}
	if launcher := os.Args[0]; strings.HasPrefix(filepath.Base(path), "ld-") && filepath.IsAbs(launcher) {
		return filepath.Join(filepath.Dir(launcher), "bin", filepath.Base(launcher)), launcher, nil
	}
	if _, err := os.Stat(own); err == nil {
		return own, own, nil
	}
	return path, path, nil
}

// ownPath is the path of this program, for what is to last: a job that a cluster starts later, on another
// machine.
func ownPath() (string, error) {
	_, start, err := ownProgram()
	if err != nil || start != "/proc/self/exe" {
		return start, err
	}
	return os.Executable()
}
