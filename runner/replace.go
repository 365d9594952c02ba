package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/stage"
)

// mayReplace refuses to write over a file that an earlier call of the same command did not
// write: one that begins with none of these texts, or is one of those that are read. What is
// empty or no plain file, such as /dev/stdout, may be written to.
func mayReplace(path string, read []string, begins ...string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return stage.Fault{Err: fmt.Errorf("%s is a folder", path), Hint: "name a file in it"}
	case !info.Mode().IsRegular() || info.Size() == 0:
		return nil
	}
	for _, one := range read {
		if same, err := os.Stat(one); err == nil && os.SameFile(same, info) {
			return stage.Fault{Err: fmt.Errorf("%s would be read and written", path), Hint: "name another file to write"}
		}
	}
	if wrote, err := beginsWith(path, begins); wrote || err != nil {
		return err
	}
	return stage.Fault{Err: fmt.Errorf("%s is there already, and this command did not write it", path), Hint: "name another file, or delete it first"}
}

// beginsWith says whether a file begins with one of some texts.
func beginsWith(path string, texts []string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	longest := 0
	for _, text := range texts {
		longest = max(longest, len(text))
	}
	head := make([]byte, longest)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	for _, text := range texts {
		if strings.HasPrefix(string(head[:n]), text) {
			return true, errors.Join(err, f.Close())
		}
	}
	return false, errors.Join(err, f.Close())
}

// writeWhole writes a file that has its name only when it is whole, or into something that
// is there and no plain file, such as /dev/stdout.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := stage.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
