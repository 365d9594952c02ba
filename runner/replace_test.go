package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// half writes something and then finds the disk full.
func half(to io.Writer) error {
	_, err := io.WriteString(to, "half")
	return errors.Join(err, errors.New("the disk is full"))
}

// What cannot be written whole leaves what was there, and nothing else.
func TestNothingIsLeftOfHalfAFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "a.csv")
	if err := writeNew(path, half); err == nil {
		t.Error("half a new file was no error")
	}
	if err := writeNew(path, writeText("whole")); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(path, half); err == nil {
		t.Error("half a file was no error")
	}
	if err := writeNew(path, writeText("other")); err == nil {
		t.Error("a file that is there was replaced")
	}
	text, err := os.ReadFile(path)
	entries, _ := os.ReadDir(folder)
	if err != nil || string(text) != "whole" || len(entries) != 1 {
		t.Errorf("got %q, %v; %v", text, err, entries)
	}
}
