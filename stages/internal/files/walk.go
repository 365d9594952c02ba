package files

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Walk is filepath.WalkDir that goes through links to folders, as people keep images on
// another disk. A folder that a link leads to is entered once, so that circles end.
func Walk(root string, visit fs.WalkDirFunc) error { return walker{}.into(root, visit) }

// walker remembers the folders that links led to.
type walker map[string]bool

func (w walker) into(folder string, visit fs.WalkDirFunc) error {
	real, err := filepath.EvalSymlinks(folder)
	if err == nil && w[real] {
		return nil
	}
	w[real] = true
	return filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type()&fs.ModeSymlink != 0 && !Hidden(e) && isFolder(path) {
			return w.into(path+string(filepath.Separator), visit)
		}
		return visit(path, e, err)
	})
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
