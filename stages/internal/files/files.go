// Package files finds image files in folders as people keep them: with other files beside
// them, hidden ones, links to other disks, and endings that are missing.
package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// Folders lists the folders in a folder.
func Folders(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if leadsToFolder(folder, e) && !Hidden(e) && e.Name() != "__MACOSX" {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// leadsToFolder says whether an entry of a folder is one, or a link to one.
func leadsToFolder(in string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(in, e.Name()))
	return err == nil && info.IsDir()
}

// Hidden says whether an entry is one that programs keep for themselves: its name begins with a dot.
func Hidden(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }

// noImageNames are files without an ending that lie beside images.
var noImageNames = regexp.MustCompile(`(?i)^(dicomdir|readme|licen[cs]e|changes|version|lockfile|image_filenames|sha256sums|md5sums?)$`)

// IsImage says whether a file may be an image by its name; one without an
// ending may be DICOM.
func IsImage(path string) bool {
	if noImageNames.MatchString(filepath.Base(path)) {
		return false
	}
	path = strings.TrimSuffix(path, ".gz") // of .nii.gz
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".dcm", ".dicom", ".ima", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".pgm", ".ppm", ".pnm", ".nii", "":
		return true
	default:
		_, err := strconv.Atoi(ending[1:]) // DICOM named by a UID ends in a number
		return err == nil
	}
}

// Images lists the image files of a folder in the order of their names.
func Images(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !Hidden(e) && IsImage(e.Name()) && !leadsToFolder(folder, e) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, stage.CompareNames)
	for i, name := range names {
		names[i] = filepath.Join(folder, name)
	}
	return names
}

// Stem is the name of a file without the ending of an image. The last number of a UID is
// none.
func Stem(path string) string {
	name := filepath.Base(path)
	ending := filepath.Ext(name)
	if _, err := strconv.Atoi(strings.TrimPrefix(ending, ".")); err == nil || !IsImage(name) {
		return name
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, ending), ".nii")
}
