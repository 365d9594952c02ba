package model

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// keptWeights are the files of a run's folder that its final numbers may belong to, the first that
// is there: see train.Restore.
var keptWeights = []string{"final.safetensors", "best.safetensors"}

// ofRun gives the file that a path means to the training of a fold: the file itself, or of a run's
// folder the weights that the run's final numbers belong to. Of a cross-validation that are those
// of the same fold: the nets of all others were trained on the cases that this fold validates on.
func ofRun(path string, fold int) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil
	}
	if file := keptIn(path); file != "" {
		return file, nil
	}
	folds := foldsIn(path)
	switch {
	case len(folds) == 0:
		return "", stage.Fault{Err: fmt.Errorf("the folder %s has no weights: neither %s", path, strings.Join(keptWeights, " nor ")), Hint: "name a file, or the folder of a finished run"}
	case fold > 0 && slices.Contains(folds, fold):
		return keptIn(foldFolder(path, fold)), nil
	case fold > 0:
		return "", stage.Fault{Err: fmt.Errorf("%s has no net of fold %d, but of %s", path, fold, foldWords(folds)), Hint: "take a run with as many folds, of the same split"}
	}
	return "", stage.Fault{Err: fmt.Errorf("%s has nets of %s, and here are no folds", path, foldWords(folds)),
		Hint: fmt.Sprintf("name the folder of one, such as %s; it was trained on what the others held out", foldFolder(path, folds[0]))}
}

// keptIn is the file of a folder that has the weights; "" where there is none.
func keptIn(folder string) string {
	for _, name := range keptWeights {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

func foldFolder(path string, fold int) string {
	return filepath.Join(path, foldPrefix+strconv.Itoa(fold))
}

const foldPrefix = "fold-"

// foldsIn lists the folds whose nets lie in a run's folder.
func foldsIn(path string) (out []int) {
	found, _ := filepath.Glob(filepath.Join(glob.Replace(path), foldPrefix+"*")) // the pattern is right
	for _, folder := range found {
		if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), foldPrefix)); err == nil && n > 0 && keptIn(folder) != "" {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// glob takes what is special out of a path.
var glob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

func foldWords(folds []int) string {
	words := make([]string, len(folds))
	for i, n := range folds {
		words[i] = strconv.Itoa(n)
	}
	if len(words) == 1 {
		return "fold " + words[0]
	}
	return "folds " + strings.Join(words, ", ")
}

// allOfRun are the files that a path means to some fold.
func allOfRun(path string) (out []string, err error) {
	folds := foldsIn(path)
	if keptIn(path) != "" || len(folds) == 0 {
		file, err := ofRun(path, 0)
		return []string{file}, err
	}
	for _, fold := range folds {
		out = append(out, keptIn(foldFolder(path, fold)))
	}
	return out, nil
}

// ofFold names the net of a package that a fold begins from where the file names none: that of the
// same fold, if there is one.
func ofFold(nets []packages.Net, fold int) string {
	place := foldPrefix + strconv.Itoa(fold)
	if fold > 0 && slices.ContainsFunc(nets, func(n packages.Net) bool { return n.Place() == place }) {
		return place
	}
	return ""
}
