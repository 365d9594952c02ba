package stage

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// CreateTemp makes a new file in a folder for what gets its name once it is whole, as
// os.CreateTemp does: its name is the pattern with random digits in place of the last star.
// Other than there it has the rights that the umask gives to new files, so that who shares a
// cache with a group can, and what nobody else is to read nobody can.
func CreateTemp(folder, pattern string) (*os.File, error) {
	at := strings.LastIndex(pattern, "*")
	if at < 0 {
		pattern, at = pattern+"*", len(pattern)
	}
	for try := 0; ; try++ {
		name := fmt.Sprintf("%s%d%s", pattern[:at], rand.Uint32(), pattern[at+1:])
		f, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) || try > 1000 {
			return f, err
		}
	}
}

// Replace gives a file this content, whole or not at all.
func Replace(path string, content []byte) error {
	f, err := CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
