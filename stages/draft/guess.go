// Package draft looks at a data set as it was downloaded and says what it seems to be: which of its
// tables and columns tell images, labels, patients and splits. runner init writes that as a first
// experiment, which a person reads.
package draft

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/places"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Guess is what a data set seems to be. Whoever reads it decides.
type Guess struct {
	Source   registry.One[audit.Source] // with paths as they were given
	Classes  []string                   // of a table or of folders, in the order of the alphabet or of numbers
	Others   []string                   // columns that may be the labels as well
	Side     int                        // shorter side of the first image in pixels; 0 where it is not known
	Aspect   float64                    // columns by rows, the middle of the first images; 0 where it is not known
	Bytes    bool                       // images are pictures of 8 bits, whose values are 0 to 255
	Colour   bool                       // the first image is one in colour
	Patient  bool                       // files tell patients apart, and nothing else does
	Nested   bool                       // images lie in folders of the classes' folders, which may be series
	Sample   string                     // what they are samples of, see Config; "" where each is one
	Slices   int                        // of a series, the middle of the first ones; 0 where images are single
	Points   bool                       // there are labelled points
	Split    string                     // column that says what is for training and what for tests; "" where there is none
	Lists    map[string]string          // files that list what is of which split
	Views    []string                   // images of a row that are views of one sample; see Config
	Shows    string                     // column, or columns, that say what the images of a group show; see Table.View
	Shown    []string                   // what they show, the commonest first
	Lacking  bool                       // some rows lack one of them
	Targets  []string                   // columns that tell the labels of an image apart; see Config
	rows     int                        // of a table
	Sessions string                     // folder of BIDS whose tables of sessions are not read; "" where there are none
	Tables   []string                   // further tables of the folder, which might be the one to read
}

// Look looks at a CSV file, a folder with a folder for each class, a folder of the
// RSNA layout, or one that holds tables and images, and says how they might be read.
func Look(path string) (Guess, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Guess{}, stage.Fault{Err: files.NotThere(path, err), Hint: "name a CSV file, or a folder that holds a folder of images for each class"}
	}
	ext := strings.ToLower(filepath.Ext(path))
	switch {
	case ext == ".yaml" || ext == ".yml":
		return Guess{}, stage.Fault{Err: fmt.Errorf("%s is an experiment file already", path), Hint: "runner check shows what it does; to begin one, name a CSV file or a folder of images"}
	case foreign[ext] != "":
		return Guess{}, foreignFiles(path, ext, 0)
	case foreignTables[ext] != "" && !info.IsDir():
		return Guess{}, stage.Fault{Err: fmt.Errorf("%s is a file %s, which cannot be read", path, ext), Hint: foreignTables[ext]}
	case !info.IsDir():
		return newGuesser().table(path)
	}
	return guessFolder(path)
}

// foreign says of endings of files that cannot be read what to do.
var foreign = map[string]string{
	".npz":      "runner data unpack FILE FOLDER writes its arrays as pictures and a table",
	".h5":       "write each array as a PNG file, named in a CSV file beside its label; in Python: h5py and PIL.Image.fromarray(x).save(...)",
	".svs":      "whole-slide images are cut into tiles first, with tools such as OpenSlide or QuPath; name a folder or a table of the tiles",
	".mha":      "convert it to NIfTI; in Python: SimpleITK.WriteImage(SimpleITK.ReadImage(x), x + '.nii.gz')",
	".mat":      "write each array as a PNG file, named in a CSV file beside its label; in Python: scipy.io.loadmat(x)",
	".tfrecord": "write each image as a PNG file, named in a CSV file beside its label",
	".npy":      "runner data unpack DATA FOLDER writes arrays as pictures, and volumes as folders of slices, of the same names",
}

// foreignTables says the same of endings of tables, which may lie beside images.
var foreignTables = map[string]string{
	".parquet": "write it as CSV; in Python: pandas.read_parquet(x).to_csv(...)",
	".feather": "write it as CSV; in Python: pandas.read_feather(x).to_csv(...)",
	".json":    "write its records as CSV; in Python: pandas.read_json(x).to_csv(...)",
	".jsonl":   "write its records as CSV; in Python: pandas.read_json(x, lines=True).to_csv(...)",
	".pkl":     "write it as CSV; in Python: pandas.read_pickle(x).to_csv(...)",
}

func init() {
	for ending, as := range map[string]string{".hdf5": ".h5", ".ndpi": ".svs", ".mrxs": ".svs", ".vsi": ".svs", ".scn": ".svs", ".mhd": ".mha", ".nrrd": ".mha", ".nhdr": ".mha", ".lmdb": ".tfrecord", ".rec": ".tfrecord"} {
		foreign[ending] = foreign[as]
	}
}

// foreignFiles refuses n files in a folder or a column, or with 0 the file itself.
func foreignFiles(path, ending string, n int) error {
	what := fmt.Sprintf("%s is a file %s, which cannot be read", path, ending)
	if n > 0 {
		what = fmt.Sprintf("%s holds %d × %s, which cannot be read", path, n, ending)
	}
	return stage.Fault{Err: errors.New(what), Hint: foreign[ending]}
}

// look notes what the first images are like, which may be folders of slices.
func (g *Guess) look(images []string) {
	if len(images) == 0 {
		return
	}
	g.Side, g.Aspect, g.Slices = looksOf(images)
	first := images[0]
	if inner := files.Images(first); len(inner) > 0 {
		first = inner[0]
	}
	patients := map[string]bool{}
	for _, path := range images {
		if inner := files.Images(path); len(inner) > 0 {
			path = inner[0]
		}
		patients[headers.Read(path).PatientID] = true
	}
	g.Patient = len(patients) > 1 && !patients[""]
	h := headers.Read(first)
	g.Colour = h.Err == "" && h.Coloured
	g.Bytes = h.Err == "" && h.Bytes && (h.Coloured || h.Format != "dicom") // grey DICOM has a window, or a range of its own
}

// looksOf gives the shorter side of the first image, 0 where it cannot be read, what columns by
// rows are, and how many slices most images are, which may be folders: the medians, and 0
// slices where that is one.
func looksOf(images []string) (side int, aspect float64, slicesOf int) {
	var counts []int
	var aspects []float64
	for _, path := range images {
		inner := files.Images(path)
		if len(inner) > 0 {
			path = inner[0]
		}
		h := headers.Read(path)
		if counts = append(counts, max(len(inner), h.Frames)); side == 0 {
			side = min(h.Rows, h.Columns)
		}
		if h.Rows > 0 && h.Columns > 0 {
			aspects = append(aspects, float64(h.Columns)/float64(h.Rows))
		}
	}
	if slices.Sort(aspects); len(aspects) > 0 {
		aspect = aspects[len(aspects)/2]
	}
	slices.Sort(counts)
	if slicesOf = counts[len(counts)/2]; slicesOf < 2 {
		return side, aspect, 0
	}
	return side, aspect, slicesOf
}

// guesser looks for what data sets are made of.
type guesser struct{ *places.Search }

func newGuesser() guesser { return guesser{places.NewSearch()} }
