package augment

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// reference is testdata/reference.json, made by testdata/reference.py.
type reference struct {
	Height, Width int
	Key           uint64
	Words         []int64
	Images        []float32
	Cases         []struct {
		Name, Source string
		Entries      []struct {
			Part    map[string]any
			Numbers []float64
			Key     uint64
		}
		Batch, Margin int
		Slices        int // that the images are channels of
		Colours       bool
		Tolerance     float64
		Share         *float64
		Out           []float32
	}
}

func loadReference(t *testing.T) (ref reference) {
	t.Helper()
	parity.Read(t, "testdata/reference.json", &ref)
	return ref
}

// parse reads a recipe as an experiment file writes it.
func parse(t *testing.T, text string) (c Config) {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	if err := registry.Decode(&n, "test", &c).Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// do runs work on an engine of its own, on the CPU with two threads, and wants
// every tensor freed afterwards.
func do(t *testing.T, work func(*torch.Scope)) {
	t.Helper()
	e, err := torch.Open(torch.Options{Device: "cpu", Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.Do(t.Context(), func(s *torch.Scope) error { work(s); return s.Err() })
	if err != nil {
		t.Error(err)
	}
	if n, _ := e.LiveTensors(t.Context()); n != 0 {
		t.Errorf("%d tensors are left over", n)
	}
}

// apart is the largest difference of two images, without a margin.
func apart(got, want []float32, height, width, margin int) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range got {
		y, x := i/width%height, i%width
		if min(y, x) >= margin && y < height-margin && x < width-margin {
			largest = max(largest, math.Abs(float64(got[i]-want[i])))
		}
		if got[i] != got[i] {
			return math.NaN()
		}
	}
	return largest
}

// TestParityOfAugmentationsIsFresh compares every augmentation with other libraries.
func TestParityOfAugmentationsIsFresh(t *testing.T) {
	ref := loadReference(t)
	done, rows := map[string]bool{}, []parity.Row{}
	size := Size{Height: float64(ref.Height), Width: float64(ref.Width)}
	do(t, func(s *torch.Scope) {
		for _, c := range ref.Cases {
			pixels := ref.Images[:c.Batch*c.Slices*ref.Height*ref.Width]
			p := &plan{batch: Batch{Samples: make([]string, c.Batch), Slices: c.Slices, Colours: c.Colours}, size: size, sampling: sampling{outside: torch.Outside{Border: torch.BorderNearest}}}
			for _, e := range c.Entries {
				text, _ := json.Marshal([]any{e.Part})
				one := parse(t, string(text))[0]
				done[one.Name] = true
				if setting, ok := one.Part.(Setting); ok {
					setting.set(&p.sampling)
					continue
				}
				l := leaf{name: one.Name, part: one.Part.(Random), draws: make([]draw, c.Batch)}
				for i := range l.draws {
					l.draws[i] = draw{on: true, numbers: e.Numbers, key: e.Key}
				}
				p.leaves = append(p.leaves, l)
			}
			x := s.FromFloat32(pixels, int64(c.Batch), int64(c.Slices), int64(ref.Height), int64(ref.Width))
			warped, _ := p.warp(s, x)
			out := p.mix(s, Augmented{Images_BCHW: p.intensities(s, p.inOrder(s, warped))})
			got := apart(s.Float32s(out.Images_BCHW), c.Out, ref.Height, ref.Width, c.Margin)
			rows = append(rows, row(c.Name, c.Source, c.Entries[len(c.Entries)-1].Numbers, got, c.Tolerance))
			if c.Share != nil && !(math.Abs(out.Share[0]-*c.Share) <= 1e-6) {
				t.Errorf("%s: share %v, want %v", c.Name, out.Share[0], *c.Share)
			}
		}
	})
	parity.Hold(t, "../../docs/parity.md", "augmentations", rows, *update)
	for _, name := range Augmentations.Names() {
		one, _ := Augmentations.Default(name)
		if _, choice := one.Part.(Choice); !choice && !done[name] {
			t.Errorf("%s is compared with nothing", name)
		}
	}
}

var update = flag.Bool("update", false, "write the generated files again")

// row names a case after its part, what is special to it, and its numbers where they
// are few.
func row(name, source string, numbers []float64, deviation, limit float64) parity.Row {
	part, special, _ := strings.Cut(strings.Replace(name, ", ", " ", 1), " ")
	if len(numbers) > 0 && len(numbers) <= 4 {
		text := make([]string, len(numbers))
		for i, n := range numbers {
			text[i] = fmt.Sprintf("%.3g", n)
		}
		special = strings.TrimSpace(special + " " + strings.Join(text, ", "))
	}
	if special == "" {
		special = "plain"
	}
	return parity.Row{Part: part, Case: special, Reference: source, Deviation: deviation, Limit: limit}
}

// TestRandomWords: the device computes the same words as the reference's plain
// integers, and uniform numbers are these words over 2^24.
func TestRandomWords(t *testing.T) {
	ref := loadReference(t)
	do(t, func(s *torch.Scope) {
		got := s.Float32s(s.UniformField([]uint64{ref.Key}, 2, 2, 2))
		for i, v := range got {
			if want := float32(ref.Words[i]) / (1 << 24); v != want {
				t.Errorf("number %d is %v, want %v", i, v, want)
			}
		}
	})
}

// TestRandomFields: mean, spread and neighbours of the fields are those of
// independent draws, within five standard errors.
func TestRandomFields(t *testing.T) {
	const side = 256
	n := float64(side * side)
	do(t, func(s *torch.Scope) {
		for key := range uint64(4) {
			for name, c := range map[string]struct {
				field     torch.Tensor
				mean, std float64
			}{
				"uniform": {s.UniformField([]uint64{key * 1_000_003}, 1, side, side), 0.5, math.Sqrt(1.0 / 12)},
				"normal":  {s.NormalField([]uint64{key * 1_000_003}, 1, side, side), 0, 1},
			} {
				v := s.Float64s(c.field)
				var sum, square, next, below float64
				for i, x := range v {
					d := (x - c.mean) / c.std
					sum += d
					square += d * d
					next += d * (v[(i+1)%len(v)] - c.mean) / c.std
					below += d * (v[(i+side)%len(v)] - c.mean) / c.std
				}
				limit := 5 / math.Sqrt(n)
				if !(math.Abs(sum/n) <= limit) || !(math.Abs(square/n-1) <= 2*limit) || !(math.Abs(next/n) <= limit) || !(math.Abs(below/n) <= limit) {
					t.Errorf("%s, key %d: mean %v, variance %v, neighbours %v and %v, want 0, 1, 0, 0", name, key, sum/n, square/n, next/n, below/n)
				}
			}
		}
	})
}
