package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vertebra/stages/stage"
)

// Absolute is the whole path of a file; as it is where the working directory is gone.
func Absolute(path string) string {
	if name, err := filepath.Abs(path); err == nil {
		return name
	}
	return path
}

// There says whether a path is one, or a frame of one.
func There(path string) bool {
	if _, err := os.Stat(path); err == nil {
		return true
	}
	file, frame := stage.ParseFramePath(path)
	_, err := os.Stat(file)
	return frame > 0 && err == nil
}

// NotThere says of a file that cannot be opened which one it is. Other errors pass.
func NotThere(path string, err error) error {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read: the rights are missing", path)
	}
	return fmt.Errorf("%s: %w", path, at.Err)
}
