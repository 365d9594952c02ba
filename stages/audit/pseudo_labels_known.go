package audit

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// known says of other cases whether one is, or shares its study, an image or its patient with, a
// labelled one.
func (a *audited) known(others []stage.Case) func(stage.Case) bool {
	ids := map[string]bool{}
	for _, c := range a.Cases.Cases {
		ids[c.ID] = true
	}
	shares := sharesWith(a.heads, a.Cases.Cases, others)
	return func(c stage.Case) bool { return ids[c.ID] || shares(c) }
}

// Taught counts the cases of other data that share their study, an image or their patient with those
// that have pseudo-labels here, and gives the first.
func (c Cases) Taught(other Cases) (n int, first string) {
	pupils := c
	pupils.Cases = slices.DeleteFunc(slices.Clone(c.Cases), func(one stage.Case) bool { return one.Soft == nil })
	return pupils.sharedBy(other)
}

// Taught counts the cases of other data that share their study, an image or their patient with the
// images beside the data, and gives the first.
func (u Unlabelled) Taught(other Cases) (n int, first string) { return u.Others().sharedBy(other) }

// sharedBy counts the cases of other data that share something with these, and gives the first.
func (c Cases) sharedBy(other Cases) (n int, first string) {
	heads := maps.Clone(c.heads)
	maps.Copy(heads, other.heads)
	shares := sharesWith(heads, c.Cases, other.Cases)
	for _, one := range other.Cases {
		if shares(one) {
			if n++; n == 1 {
				first = one.ID
			}
		}
	}
	return n, first
}

// sharesWith says of other cases whether one shares its study, an image or its patient with one of
// those given.
func sharesWith(heads headers.ByPath, of, others []stage.Case) func(stage.Case) bool {
	keys, known := sharedKeys(heads, slices.Concat(of, others)), map[string]bool{}
	for _, c := range of {
		for _, key := range keys(c) {
			known[key] = true
		}
	}
	return func(c stage.Case) bool {
		return slices.ContainsFunc(keys(c), func(key string) bool { return known[key] })
	}
}

// sharedKeys names the study, the images and the patient of a case, by the headers of all cases.
func sharedKeys(heads headers.ByPath, all []stage.Case) func(stage.Case) []string {
	patients, itself := patientsOf(heads, all), unlinked()
	return func(c stage.Case) (out []string) {
		for _, thing := range things(patients) {
			thing.of(&c, func(key string) {
				if key == "" {
					return
				}
				if thing.what == "image" {
					key = itself(key)
				}
				out = append(out, thing.what+" "+key)
			})
		}
		return out
	}
}

// unlinked gives the absolute path of a file behind all links: an image is the same by whatever way
// it is reached. Links of folders are followed once for each, not for each image.
func unlinked() func(path string) string {
	folders := map[string]string{}
	behind := func(path string) string {
		if at, err := filepath.EvalSymlinks(path); err == nil {
			return at
		}
		return path
	}
	return func(path string) string {
		path = files.Absolute(path)
		folder, known := folders[filepath.Dir(path)]
		if !known {
			folder = behind(filepath.Dir(path))
			folders[filepath.Dir(path)] = folder
		}
		file := filepath.Join(folder, filepath.Base(path))
		if _, err := os.Readlink(file); err == nil {
			return behind(file)
		}
		return file
	}
}
