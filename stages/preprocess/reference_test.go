package preprocess

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// stepReference is one line of testdata/steps.json; see make_steps.py.
type stepReference struct {
	Step            string
	In, Out         [3]int
	Pixels, Want    []float32
	Spacing, Point  []float64
	Levels          []float64 // length of their spacing, and 1 where it is in millimetres
	Marks           map[string][2]float64
	Centers, Widths []float64
	Net, Train      []float64
}

func (r stepReference) picture() *Picture {
	p := &Picture{Channels: r.In[0], Height: r.In[1], Width: r.In[2], Pixels: r.Pixels, Map: Identity}
	for i, center := range r.Centers {
		p.Shown.Windows = append(p.Shown.Windows, dicom.Window{Function: "LINEAR", Center: center, Width: r.Widths[i]})
	}
	if r.Spacing != nil {
		p.RowSpacing, p.ColumnSpacing = r.Spacing[0], r.Spacing[1]
	}
	if r.Point != nil {
		p.Case.Point = &stage.Point{X: r.Point[0], Y: r.Point[1]}
	}
	if r.Levels != nil {
		p.Case.Spacing = stage.Spacing{Length: r.Levels[0], Millimetres: r.Levels[1] == 1}
	}
	for name, at := range r.Marks {
		p.Case.Marks = append(p.Case.Marks, stage.Mark{Name: name, Point: &stage.Point{X: at[0], Y: at[1]}})
	}
	return p
}

// TestStepsLikeTheirReferences holds steps to OpenCV, torchvision, Keras, pydicom
// and NumPy: within 1e-5, and those of 256 levels within one of them.
func TestStepsLikeTheirReferences(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "steps.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []stepReference
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("got %d references, want at least 50", len(all))
	}
	for _, r := range all {
		var cfg Config
		if err := decodeYAML("["+r.Step+"]", &cfg); err != nil {
			t.Fatalf("%s: %v", r.Step, err)
		}
		p := r.picture()
		if err := cfg[0].Part.Apply(p); err != nil {
			t.Errorf("%s: %v", r.Step, err)
			continue
		}
		if got := [3]int{p.Channels, p.Height, p.Width}; got != r.Out {
			t.Errorf("%s of %v: the size is %v, want %v", r.Step, r.In, got, r.Out)
			continue
		}
		allowed := 1e-5
		if cfg[0].Name == "equalise" {
			allowed = 1.0/255 + 1e-6
		}
		for i, got := range p.Pixels {
			if !(math.Abs(float64(got-r.Want[i])) <= allowed) {
				t.Errorf("%s of %v: pixel %d is %v, want %v", r.Step, r.In, i, got, r.Want[i])
				break
			}
		}
		if n, ok := cfg[0].Part.(Normaliser); ok {
			checkNet(t, r, p, n.Normalisation())
		}
	}
}

func decodeYAML(text string, into *Config) error {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte(text), &node); err != nil {
		return err
	}
	problems := registry.Decode(node.Content[0], "test.yaml", into)
	if len(problems) > 0 {
		return problems
	}
	return nil
}

// checkNet does what the net does with the pixels.
func checkNet(t *testing.T, r stepReference, p *Picture, n Normalisation) {
	t.Helper()
	size := p.Width * p.Height
	for i, want := range r.Net {
		plane, c := p.Pixels, i/size
		if p.Channels > 1 {
			plane = p.Plane(c)
		}
		at := min(c, len(n.Mean)-1)
		got := (float64(plane[i%size]) - n.Mean[at]) / n.Std[at]
		if !(math.Abs(got-want) <= 1e-5*max(1, math.Abs(want))) {
			t.Errorf("%s: the net sees %v at %d, want %v", r.Step, got, i, want)
			return
		}
		if r.Train != nil && !(math.Abs(got*n.TrainScale-r.Train[i]) <= 1e-6) {
			t.Errorf("%s: the net sees %v at %d in training, want %v", r.Step, got*n.TrainScale, i, r.Train[i])
			return
		}
	}
}
