package pretrain

import (
	"flag"
	"math"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

var update = flag.Bool("update", false, "write the generated files again")

// reference is what testdata/methods.py wrote.
type reference struct {
	Losses []struct {
		Name, Reference string
		Part            map[string]map[string]float64
		Z               [][]float32
		Value           float64
		Gradient        [][]float64
	}
	Neighbours struct {
		Taught, Asked       [][]float32
		Labels, Truth, Said []int
		Balanced            float64 `json:"balanced_accuracy"`
	}
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	parity.Read(t, "testdata/methods.json", &r)
	return r
}

func onEngine(t *testing.T, work func(*torch.Scope)) {
	t.Helper()
	e, err := torch.Open(torch.Options{Device: "cpu", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Do(t.Context(), func(s *torch.Scope) error { work(s); return s.Err() }); err != nil {
		t.Fatal(err)
	}
}

// methodOf decodes a part as an experiment would say it.
func methodOf(t *testing.T, said map[string]map[string]float64) registry.One[Method] {
	t.Helper()
	text, err := yaml.Marshal(map[string]any{"method": said})
	if err != nil {
		t.Fatal(err)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	cfg := Config{}.Defaults()
	if err := registry.Decode(&tree, "", &cfg).Err(); err != nil {
		t.Fatal(err)
	}
	return cfg.Method
}

func flat[T any](rows [][]T) (out []T) {
	for _, row := range rows {
		out = append(out, row...)
	}
	return out
}

// deviation is relative to the largest number of the reference.
func deviation(got, want []float64) float64 {
	worst, largest := 0.0, 0.0
	for i := range want {
		if d := math.Abs(got[i] - want[i]); math.IsNaN(d) {
			return math.Inf(1)
		}
		worst, largest = max(worst, math.Abs(got[i]-want[i])), max(largest, math.Abs(want[i]))
	}
	return worst / largest
}

// TestParityOfMethodsIsFresh compares values and gradients.
func TestParityOfMethodsIsFresh(t *testing.T) {
	seen, rows := map[string]bool{}, []parity.Row{}
	for _, c := range readReference(t).Losses {
		one := methodOf(t, c.Part)
		seen[one.Name] = true
		onEngine(t, func(s *torch.Scope) {
			z := s.FromFloat32(flat(c.Z), int64(len(c.Z)), int64(len(c.Z[0])))
			s.RequireGrad(z, true)
			loss := objective{one}.Of(s, z, train.Targets{})
			s.Backward(loss)
			value, grad := deviation([]float64{s.Float64(loss)}, []float64{c.Value}), deviation(s.Float64s(s.Grad(z)), flat(c.Gradient))
			rows = append(rows, parity.Row{Part: one.Name, Case: c.Name, Reference: c.Reference, Deviation: max(value, grad), Limit: 1e-6})
		})
	}
	parity.Hold(t, "../../docs/parity.md", "pretraining", rows, *update)
	for _, name := range Methods.Names() {
		if !seen[name] {
			t.Errorf("no reference for %s", name)
		}
	}
}

// TestMethods: what every method promises whatever it computes.
func TestMethods(t *testing.T) {
	for _, name := range Methods.Names() {
		one, _ := Methods.Default(name)
		t.Run(name, func(t *testing.T) {
			loss := func(change func(z []float32)) (value float64) {
				const n, p = 8, 6
				z := make([]float32, n*p)
				for i := range z {
					z[i] = float32(math.Sin(1.3*float64(i)) + math.Cos(0.7*float64(i/(2*p))))
				}
				change(z)
				onEngine(t, func(s *torch.Scope) { value = s.Float64(one.Part.Loss(s, s.FromFloat32(z, n, p))) })
				return value
			}
			plain := loss(func([]float32) {})
			swapped := loss(func(z []float32) {
				for at := 0; at < len(z); at += 12 { // first and second views
					for k := range 6 {
						z[at+k], z[at+6+k] = z[at+6+k], z[at+k]
					}
				}
			})
			if math.Abs(swapped-plain) > 1e-4*plain {
				t.Errorf("with first and second views swapped the loss is %v, not %v", swapped, plain)
			}
			collapsed := loss(func(z []float32) {
				for i := range z {
					z[i] = z[i%6]
				}
			})
			equal := loss(func(z []float32) {
				for at := 0; at < len(z); at += 12 {
					copy(z[at+6:at+12], z[at:at+6])
				}
			})
			if !(equal < plain && equal < collapsed) {
				t.Errorf("the loss is %v where views of an image are equal, %v where they are not, %v where all images are one", equal, plain, collapsed)
			}
			if layers := one.Part.Head(); len(layers) == 0 || (objective{one}).Outputs(5) != one.Part.Width() {
				t.Errorf("%d layers, %d numbers", len(layers), one.Part.Width())
			}
		})
	}
}

// TestOffDiagonal takes out the diagonal alone.
func TestOffDiagonal(t *testing.T) {
	onEngine(t, func(s *torch.Scope) {
		got := s.Float64s(offDiagonal(s, s.FromFloat32([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8}, 3, 3)))
		for i, want := range []float64{1, 2, 3, 5, 6, 7} {
			if got[i] != want {
				t.Fatalf("got %v", got)
			}
		}
	})
}
