package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A bundle is a folder with a program and all that it loads, libc and its loader among them, for a
// machine that has neither libtorch nor a system as new as this one.

// opened are libraries that no program is linked against: they are opened when they are needed.
var opened = []string{"libopenjp2.so.7"}

// line is one of ldd's: the name that is asked for, and the file where it lies; or the loader's file.
var line = regexp.MustCompile(`(?m)^\s*(?:(\S+) => )?(/\S+) \(0x[0-9a-f]+\)$`)

// bundle writes a program, its libraries and what starts it into a folder, which must not be there.
func bundle(ctx context.Context, h host, program, folder string, out io.Writer) error {
	if _, err := os.Lstat(folder); err == nil {
		return fmt.Errorf("%s is there already; remove it, or name another folder", folder)
	}
	files, loader, err := libraries(ctx, h, program)
	if err != nil {
		return err
	}
	for name, from := range files {
		if err := copyFile(from, filepath.Join(folder, "lib", name)); err != nil {
			return err
		}
	}
	name := filepath.Base(program)
	if err := copyFile(program, filepath.Join(folder, "bin", name)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(launcher(loader, name)), 0o755); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "setup: %s and %d libraries are in %s\n", name, len(files), folder)
	return err
}

// launcher starts the program by the bundle's own loader, which finds the libraries without any setting
// in the environment: programs that this one starts, such as sbatch, keep their own. As its own name
// the program sees the launcher's, by which it can be started again.
func launcher(loader, name string) string {
	return fmt.Sprintf(`#!/bin/sh
# Starts %[1]s with the libraries that lie beside it.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/%[2]s" --argv0 "$here/%[1]s" --library-path "$here/lib" "$here/bin/%[1]s" "$@"
`, name, loader)
}

// libraries are the files that a program loads, by the names it asks for, and the name of the loader
// among them.
func libraries(ctx context.Context, h host, program string) (files map[string]string, loader string, err error) {
	files = map[string]string{}
	if loader, err = loads(ctx, h, program, files); err != nil {
		return nil, "", err
	}
	if loader == "" {
		return nil, "", fmt.Errorf("ldd names no loader of %s; bundles are for programs of Linux", program)
	}
	found, _ := h.Run(ctx, "ldconfig", "-p")
	for _, name := range opened {
		if _, path, there := strings.Cut(found, name+" "); there && files[name] == "" {
			_, path, _ = strings.Cut(path, "=> ")
			path, _, _ = strings.Cut(path, "\n")
			files[name] = path
		}
	}
	return files, loader, besides(ctx, h, files)
}

// besides adds what lies beside libraries of Python packages: those of torch and of CUDA open each other
// when they are needed.
func besides(ctx context.Context, h host, files map[string]string) error {
	var folders []string
	for _, path := range files {
		if dir := filepath.Dir(path); strings.Contains(dir, "-packages/") && !slices.Contains(folders, dir) {
			folders = append(folders, dir)
		}
	}
	for _, dir := range folders {
		all, err := filepath.Glob(filepath.Join(dir, "*.so*"))
		if err != nil {
			return err
		}
		for _, path := range all {
			name := filepath.Base(path)
			if files[name] != "" || strings.HasPrefix(name, "libtorch_python") {
				continue
			}
			files[name] = path
			if _, err := loads(ctx, h, path, files); err != nil {
				return err
			}
		}
	}
	return nil
}

// loads adds what ldd says that a file loads, and gives the loader's name.
func loads(ctx context.Context, h host, file string, files map[string]string) (loader string, err error) {
	text, err := h.Run(ctx, "ldd", file)
	if err != nil {
		return "", err
	}
	if at := strings.Index(text, " => not found"); at >= 0 {
		name := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
		return "", fmt.Errorf("%s wants %s, which is not there", file, strings.TrimSpace(name))
	}
	for _, m := range line.FindAllStringSubmatch(text, -1) {
		name := m[1]
		if name == "" || strings.HasPrefix(name, "/") {
			name = filepath.Base(m[2])
			loader = name
		}
		if files[name] == "" {
			files[name] = m[2]
		}
	}
	return loader, nil
}

// copyFile copies what a path leads to, with its mode.
func copyFile(from, to string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
