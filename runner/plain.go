package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"vertebra/stages/stage"
)

// plain says what the operating system says of a file in the words of the other
// messages, with what to do where nothing says so yet.
func plain(err error) error {
	path, cause := fileTrouble(err)
	for _, known := range []struct {
		is         error
		what, hint string
	}{
		{syscall.ENOSPC, "the disk is full", "free some space there, or write to another disk; what was stored is safe"},
		{syscall.EDQUOT, "your share of the disk is used up", "free some space there, or write to another disk; what was stored is safe"},
		{syscall.EROFS, "the file system can only be read", "name another place"},
		{fs.ErrPermission, "the rights to it are missing", "look at who owns it: ls -ld, or name another place"},
		{syscall.EISDIR, "it is a folder", "name a file"},
		{syscall.ENOTDIR, "a part of this path is a file, no folder", "look at the path"},
		{fs.ErrNotExist, "there is no such file or folder", "look at the path"},
	} {
		if cause != nil && errors.Is(cause, known.is) {
			return inWords(err, cause, path+": "+known.what, known.hint)
		}
	}
	return err
}

// fileTrouble finds what the operating system says, and of which file.
func fileTrouble(err error) (path string, cause error) {
	var one *fs.PathError
	var two *os.LinkError
	switch {
	case errors.As(err, &one):
		return one.Path, one
	case errors.As(err, &two):
		return two.New, two
	}
	return "", nil
}

// inWords replaces a cause in the text of an error, and adds a hint where there is none.
func inWords(err, cause error, words, hint string) error {
	said := spoken{strings.ReplaceAll(err.Error(), cause.Error(), words), err}
	if fault := (stage.Fault{}); errors.As(err, &fault) {
		return said
	}
	return stage.Fault{Err: said, Hint: hint}
}

// spoken is an error in other words.
type spoken struct {
	text string
	error
}

func (s spoken) Error() string { return s.text }

// Unwrap gives the error.
func (s spoken) Unwrap() error { return s.error }
