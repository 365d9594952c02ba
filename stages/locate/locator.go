package locate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"vertebra/stages/arrangement"
	"vertebra/stages/stage"
)

// Locator is what is known about points besides the weights of the net that finds them.
type Locator struct {
	// Arrangement says how points lie to each other. Its names, sorted, are the targets of the net.
	arrangement.Arrangement
}

// File is the name of the file of a Locator, in the folder of the weights.
const File = "points.json"

// Write stores it, whole or not at all.
func (l Locator) Write(folder string) error {
	data, err := l.Encode()
	if err != nil {
		return err
	}
	return stage.Replace(filepath.Join(folder, File), data)
}

// Encode gives the bytes of the file.
func (l Locator) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(l, "", " ")
	return append(data, '\n'), err
}

// Decode reads what Write wrote, and refuses what no training gives.
func Decode(data []byte) (l Locator, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // what a program passes over might have changed the points
	if err = d.Decode(&l); err == nil {
		err = l.check()
	}
	if _, more := d.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("something follows behind")
	}
	if err != nil {
		return Locator{}, stage.Fault{Err: fmt.Errorf("how points lie: %w", err), Hint: "the file is damaged: copy it again, or train again"}
	}
	return l, nil
}

func (l Locator) check() error {
	if len(l.Names) == 0 || !slices.IsSorted(l.Names) || len(slices.Compact(slices.Clone(l.Names))) < len(l.Names) {
		return fmt.Errorf("the names are %q", l.Names)
	}
	return l.Check()
}

// Read reads the file of a folder; ok is false where there is none.
func Read(folder string) (l Locator, ok bool, err error) {
	data, err := os.ReadFile(filepath.Join(folder, File))
	if errors.Is(err, fs.ErrNotExist) {
		return l, false, nil
	}
	if err == nil {
		l, err = Decode(data)
	}
	return l, err == nil, err
}
