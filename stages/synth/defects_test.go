package synth

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
)

// spoiled is a data set with one defect, as its files tell.
type spoiled struct {
	dir    string
	plant  Planted
	labels map[string]string   // row id -> cell
	points map[string][]string // row id -> row of coordinates
	kinds  map[string]string   // series -> description, of the study with the defect
}

func spoil(t *testing.T, name string) spoiled {
	t.Helper()
	dir, s := written(t, Options{Seed: 5, Studies: 2, Size: 64, Slices: 7, Defects: []string{name}})
	if len(s.Planted) != 1 || s.Planted[0].Defect != name {
		t.Fatalf("planted %+v, want %s once", s.Planted, name)
	}
	d := spoiled{dir, s.Planted[0], map[string]string{}, map[string][]string{}, map[string]string{}}
	table := readTable(t, filepath.Join(dir, "train.csv"))
	for _, cells := range table[1:] {
		for i, cell := range cells[1:] {
			d.labels[cells[0]+"_"+table[0][i+1]] = cell
		}
	}
	for _, p := range readTable(t, filepath.Join(dir, "train_label_coordinates.csv"))[1:] {
		d.points[p[0]+"_"+key(p[3])+"_"+key(p[4])] = p
	}
	for _, p := range readTable(t, filepath.Join(dir, "train_series_descriptions.csv"))[1:] {
		if p[0] == d.plant.Study {
			d.kinds[p[1]] = p[2]
		}
	}
	return d
}

func (d spoiled) file(row string) string {
	p := d.points[row]
	return filepath.Join(d.dir, "train_images", p[0], p[1], p[2]+".dcm")
}

func (d spoiled) x(row string) float64 {
	x, _ := strconv.ParseFloat(d.points[row][5], 64)
	return x
}

// tags gives a tag's value in every file of a series; "absent" where it is.
func (d spoiled) tags(t *testing.T, series string, k tag.Tag) (values []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(d.dir, "train_images", d.plant.Study, series, "*.dcm"))
	for _, f := range files {
		set, err := dicom.ParseFile(f, nil, dicom.SkipPixelData())
		if err != nil {
			t.Fatal(err)
		}
		value := "absent"
		if e, err := set.FindElementByTag(k); err == nil {
			value = fmt.Sprint(e.Value.GetValue())
		}
		values = append(values, value)
	}
	return values
}

// distinct counts different values.
func distinct(values []string) int { return len(slices.Compact(slices.Sorted(slices.Values(values)))) }

// traces say for each defect what must be seen in the files.
var traces = map[string]func(t *testing.T, d spoiled) bool{
	"no_coordinates": func(_ *testing.T, d spoiled) bool {
		return len(d.points) == 25 && len(d.labels) == 50 && d.points[d.plant.Row] == nil && len(d.plant.Rows) == 25
	},
	"point_without_label": func(_ *testing.T, d spoiled) bool {
		return d.points[d.plant.Row] != nil && d.labels[d.plant.Row] == ""
	},
	"label_without_point": func(_ *testing.T, d spoiled) bool {
		return d.points[d.plant.Row] == nil && d.labels[d.plant.Row] != "" && len(d.points) == 49
	},
	"canal_on_t1": func(_ *testing.T, d spoiled) bool {
		return len(d.plant.Rows) == 5 && d.kinds[d.points[d.plant.Rows[4]][1]] == "Sagittal T1" && exists(d.file(d.plant.Row))
	},
	"swapped_sides": func(_ *testing.T, d spoiled) bool {
		return d.file(d.plant.Rows[0]) == d.file(d.plant.Rows[1]) && d.x(d.plant.Rows[0]) < d.x(d.plant.Rows[1])
	},
	"same_slice": func(_ *testing.T, d spoiled) bool { return d.file(d.plant.Rows[0]) == d.file(d.plant.Rows[1]) },
	"two_axial_series": func(_ *testing.T, d spoiled) bool {
		left, right := d.points[d.plant.Rows[0]], d.points[d.plant.Rows[5]]
		return len(d.kinds) == 4 && left[1] != right[1] && left[1] == d.plant.Series && exists(d.file(d.plant.Rows[0]))
	},
	"odd_instances": func(t *testing.T, d spoiled) bool {
		return slices.Contains(d.tags(t, d.plant.Series, tag.InstanceNumber), "[5031]")
	},
	"two_orientations": func(t *testing.T, d spoiled) bool {
		return distinct(d.tags(t, d.plant.Series, tag.ImageOrientationPatient)) == 2
	},
	"mixed_shapes": func(t *testing.T, d spoiled) bool { return distinct(d.tags(t, d.plant.Series, tag.Rows)) == 2 },
	"no_spacing_between": func(t *testing.T, d spoiled) bool {
		values := d.tags(t, d.plant.Series, tag.SpacingBetweenSlices)
		return distinct(values) == 1 && values[0] == "absent"
	},
	"empty_labels": func(_ *testing.T, d spoiled) bool {
		return len(d.plant.Rows) == 5 && d.labels[d.plant.Rows[4]] == "" && d.points[d.plant.Rows[4]] == nil
	},
	"missing_series": func(_ *testing.T, d spoiled) bool {
		return len(d.kinds) == 2 && len(d.points) == 40 && d.labels[d.plant.Row] != ""
	},
	"missing_file": func(_ *testing.T, d spoiled) bool {
		return !exists(d.file(d.plant.Row)) && d.file(d.plant.Row) == d.path()
	},
	"truncated_file": func(_ *testing.T, d spoiled) bool {
		set, err := dicom.ParseFile(d.path(), nil)
		if err == nil { // the library takes a cut between two numbers for the file's end
			_, err = set.FindElementByTag(tag.PixelData)
		}
		return err != nil && d.file(d.plant.Row) == d.path()
	},
	"point_outside": func(t *testing.T, d spoiled) bool {
		return d.x(d.plant.Row) > float64(readPicture(t, d.path()).columns)
	},
	"blank_slice": func(t *testing.T, d spoiled) bool {
		pixels := readPicture(t, d.path()).pixels
		return slices.Min(pixels) == slices.Max(pixels) && d.file(d.plant.Row) == d.path()
	},
}

func init() {
	for name, trace := range map[string]func(t *testing.T, d spoiled) bool{
		"extra_series": func(_ *testing.T, d spoiled) bool {
			return len(d.kinds) == 4 && d.kinds[d.plant.Series] == "Sagittal T1" && !d.pointed(d.plant.Series)
		},
		"far_apart": func(_ *testing.T, d spoiled) bool {
			left, right := d.points[d.plant.Row], d.points[strings.Replace(d.plant.Row, "left", "right", 1)]
			a, _ := strconv.Atoi(left[2])
			b, _ := strconv.Atoi(right[2])
			return left[1] == right[1] && (a-b > 2 || b-a > 2)
		},
		"wrong_level": func(_ *testing.T, d spoiled) bool {
			return d.y(d.plant.Rows[0]) > d.y(d.plant.Rows[1]) && d.file(d.plant.Rows[0]) == d.file(d.plant.Rows[1])
		},
		"duplicate_point": func(t *testing.T, d spoiled) bool {
			return len(readTable(t, filepath.Join(d.dir, "train_label_coordinates.csv"))) == 52 && len(d.points) == 50
		},
		"misspelt_label":  func(_ *testing.T, d spoiled) bool { return d.labels[d.plant.Row] == "Sever" },
		"published_study": func(_ *testing.T, d spoiled) bool { return d.plant.Study == "3637444890" && len(d.kinds) == 3 },
		"copied_image": func(t *testing.T, d spoiled) bool {
			other := d.file(strings.Replace(d.plant.Row, "left", "right", 1))
			return other != d.path() && slices.Equal(readPicture(t, d.path()).pixels, readPicture(t, other).pixels)
		},
		"missing_slice": func(t *testing.T, d spoiled) bool {
			return !exists(d.path()) && len(d.tags(t, d.plant.Series, tag.Rows)) == 6 && len(d.points) == 50
		},
		"repeated_slice": func(t *testing.T, d spoiled) bool {
			return distinct(d.tags(t, d.plant.Series, tag.ImagePositionPatient)) == 7 && len(d.tags(t, d.plant.Series, tag.Rows)) == 8
		},
		"foreign_slice": func(t *testing.T, d spoiled) bool {
			return distinct(d.tags(t, d.plant.Series, tag.SeriesInstanceUID)) == 2
		},
		"no_position": func(t *testing.T, d spoiled) bool {
			return slices.Equal(slices.Compact(d.tags(t, d.plant.Series, tag.ImagePositionPatient)), []string{"absent"})
		},
		"patient_name": func(t *testing.T, d spoiled) bool {
			return slices.Equal(slices.Compact(d.tags(t, d.plant.Series, tag.PatientName)), []string{"[Doe^Jane]"})
		},
		"private_elements": func(t *testing.T, d spoiled) bool {
			return slices.Equal(slices.Compact(d.tags(t, d.plant.Series, tag.Tag{Group: 0x29, Element: 0x10})), []string{"[VERTEBRA]"})
		},
		"burned_in": func(t *testing.T, d spoiled) bool {
			return slices.Equal(slices.Compact(d.tags(t, d.plant.Series, tag.BurnedInAnnotation)), []string{"[YES]"})
		},
	} {
		traces[name] = trace
	}
}

func (d spoiled) y(row string) float64 {
	y, _ := strconv.ParseFloat(d.points[row][6], 64)
	return y
}

// pointed says whether points lie on a series.
func (d spoiled) pointed(series string) bool {
	for _, p := range d.points {
		if p[1] == series {
			return true
		}
	}
	return false
}

func (d spoiled) path() string { return filepath.Join(d.dir, filepath.FromSlash(d.plant.File)) }

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func TestDefectsAreInTheFiles(t *testing.T) {
	t.Parallel()
	for _, d := range Defects() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			trace, ok := traces[d.Name]
			if !ok || d.Help == "" {
				t.Fatal("no trace or no help for this defect")
			}
			got := spoil(t, d.Name)
			if !trace(t, got) {
				t.Errorf("the files do not show what was planted: %+v", got.plant)
			}
			for _, row := range got.plant.Rows {
				if !strings.HasPrefix(row, got.plant.Study+"_") {
					t.Errorf("row %s is not of study %s", row, got.plant.Study)
				}
			}
		})
	}
}

// A sound data set shows none of the defects, whichever study is asked.
func TestSoundDataShowsNoDefect(t *testing.T) {
	t.Parallel()
	dir, s := written(t, Options{Seed: 5, Studies: 4, Size: 64, Slices: 7})
	if len(s.Planted) != 0 || s.Points != 100 || s.Series != 12 || s.Classes[0]+s.Classes[1]+s.Classes[2] != 100 {
		t.Errorf("got %+v, want 4 whole studies", s)
	}
	for _, p := range readTable(t, filepath.Join(dir, "train_label_coordinates.csv"))[1:] {
		pic := readPicture(t, filepath.Join(dir, "train_images", p[0], p[1], p[2]+".dcm"))
		x, _ := strconv.ParseFloat(p[5], 64)
		y, _ := strconv.ParseFloat(p[6], 64)
		if x < 0 || y < 0 || x > float64(pic.columns) || y > float64(pic.rows) {
			t.Errorf("%v lies outside its image of %d × %d", p, pic.columns, pic.rows)
		}
		if slices.Min(pic.pixels) == slices.Max(pic.pixels) {
			t.Errorf("the image of %v is blank", p)
		}
	}
}
