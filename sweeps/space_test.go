package sweeps

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"vertebra/stages/registry"
)

// domains reads a section space.
func domains(t testing.TB, text string) map[string]registry.One[Domain] {
	t.Helper()
	var into struct {
		Space map[string]registry.One[Domain] `help:"the space"`
	}
	n, problems := registry.Parse("space", []byte("space: "+text))
	if n != nil {
		problems = append(problems, registry.Decode(n, "space", &into)...)
	}
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return into.Space
}

func space(t testing.TB, text string) Space {
	t.Helper()
	s, problems := NewSpace(domains(t, text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

const conditional = `
  train.loss: {choice: [cross_entropy, {focal: {alpha: balanced}}]}
  train.loss.focal.gamma: {choice: [1, 2, 3]}
  train.batch: {integer: [8, 32], step: 8, when: {train.loss: cross_entropy}}
  train.accumulate: {same: train.batch, times: 0.5}`

func TestGridHasNoRepeatsAndNoGaps(t *testing.T) {
	t.Parallel()
	s := space(t, conditional)
	if got := s.Size(); got != 4+3 {
		t.Errorf("got %d cells, want 7", got)
	}
	var past []Seen
	seen := map[string]bool{}
	for {
		p, err := Grid{}.Next(Question{Space: s, Past: past})
		if err == ErrExhausted {
			break
		}
		key := pointKey(p.Point)
		if err != nil || seen[key] {
			t.Fatalf("%v, again %s", err, key)
		}
		seen[key] = true
		past = append(past, Seen{Point: p.Point, Value: math.NaN()})
	}
	if len(seen) != 7 {
		t.Errorf("got %d trials, want 7", len(seen))
	}
}

func TestConditionsAndTies(t *testing.T) {
	t.Parallel()
	s := space(t, conditional)
	at, err := s.Locate(map[string]string{"train.loss": "{focal: {alpha: balanced}}", "train.loss.focal.gamma": "2"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Assignment{{"train.loss", "{focal: {alpha: balanced}}"}, {"train.loss.focal.gamma", "2"}}
	if got := s.Assign(at); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	at, err = s.Locate(map[string]string{"train.loss": "cross_entropy", "train.batch": "24"})
	want = []Assignment{{"train.loss", "cross_entropy"}, {"train.batch", "24"}, {"train.accumulate", "12"}}
	slices.SortFunc(want, func(a, b Assignment) int { return 0 })
	got := s.Assign(at)
	if err != nil || len(got) != 3 || !slices.Contains(got, want[2]) || !slices.Contains(got, want[1]) {
		t.Errorf("%v: got %v, want %v", err, got, want)
	}
	for _, bad := range []map[string]string{
		{"train.loss": "cross_entropy"}, {"train.loss": "corn"}, {"train.loss": "cross_entropy", "train.batch": "64"},
		{"train.loss": "cross_entropy", "train.batch": "8", "train.loss.focal.gamma": "1"},
	} {
		if at, err := s.Locate(bad); err == nil {
			t.Errorf("%v is at %v, want an error", bad, at)
		}
	}
}

// Every share gives a value of the dimension, whose own share gives it back, and
// its text is read back to the same.
func TestDimensions(t *testing.T) {
	t.Parallel()
	s := space(t, `
  a: {log: [1e-5, 1e-2]}
  b: {range: [0, 0.9], step: 0.1}
  c: {integer: [1, 64], log: true}
  d: {choice: [x, y, null]}
  e: {range: [-1, 1]}
  f: {integer: [2, 9], step: 3}`)
	for _, p := range s.Params {
		values := map[float64]bool{}
		for i := range 1001 {
			x := p.At(float64(i) / 1000)
			values[x] = true
			if back := p.At(p.Share(x)); !(math.Abs(back-x) <= 1e-4*math.Abs(x)) {
				t.Fatalf("%s: %v has the share %v, which is %v", p.Path, x, p.Share(x), back)
			}
			if back, ok := p.Parse(p.Text(x)); !ok || back != x {
				t.Fatalf("%s: %v is written %s and read %v", p.Path, x, p.Text(x), back)
			}
		}
		if p.Step > 0 || p.Choices != nil {
			if got := len(values); got != len(p.Cells()) {
				t.Errorf("%s: got the values %v, want %v", p.Path, slices.Sorted(maps.Keys(values)), p.Cells())
			}
		}
	}
	for _, want := range []struct {
		path  string
		cells int
	}{{"b", 10}, {"c", 64}, {"d", 3}, {"f", 3}, {"a", 0}} {
		i := slices.IndexFunc(s.Params, func(p Param) bool { return p.Path == want.path })
		if got := s.Params[i].Cells(); len(got) != want.cells {
			t.Errorf("%s: got %v, want %d cells", want.path, got, want.cells)
		}
	}
}

func TestPointsOfARange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]float64{
		`{a: {log: [1e-4, 1e-1], points: 4}}`:        {1e-4, 1e-3, 1e-2, 1e-1},
		`{a: {log: [1e-4, 1e-1], points: 2}}`:        {1e-4, 1e-1},
		`{a: {range: [1, 4], points: 1}}`:            {2.5},
		`{a: {range: [100000, 100001], step: 0.25}}`: {100000, 100000.25, 100000.5, 100000.75, 100001},
		`{a: {range: [0, 0.3], step: 0.1}}`:          {0, 0.1, 0.2, 0.3},
		`{a: {range: [0, 1]}}`:                       nil,
	} {
		if got := space(t, text).Params[0].Cells(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestSpaceMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{a: {choice: [1, 2, 1]}}`:                                             "is there twice",
		`{a: {range: [2, 1]}}`:                                                 "smaller",
		`{a: {same: b}, b: {same: a}}`:                                         "itself",
		`{a: {choice: [1], when: {b: 1}}, b: {choice: [2]}}`:                   "never is 1",
		`{a: {choice: [x, y]}, b: {same: a, times: 2}}`:                        "multiplied",
		`{a: {choice: [x], when: {a: x}}}`:                                     "no other",
		`{a: {integer: [1, 2]}, a.b: {choice: [1]}}`:                           "no choice of a is b",
		`{a: {integer: [1, 2], step: 5}}`:                                      "larger than",
		`{a: {choice: [1], when: {b: 2}}, b: {integer: [2, 3], when: {a: 1}}}`: "itself",
	} {
		_, problems := NewSpace(domains(t, text))
		found := slices.ContainsFunc(problems, func(p registry.FieldProblem) bool {
			return contains(p.Text+p.Hint, want)
		})
		if !found {
			t.Errorf("%s: got %v, want %q", text, problems, want)
		}
	}
}

func contains(text, word string) bool {
	for i := range len(text) - len(word) + 1 {
		if text[i:i+len(word)] == word {
			return true
		}
	}
	return false
}

// What would break the lines of sbatch is told before anything is submitted.
func TestSlurmProblems(t *testing.T) {
	t.Parallel()
	minute := time.Minute
	for want, change := range map[string]func(*Slurm){
		"":          func(*Slurm) {},
		"partition": func(s *Slurm) { s.Partition = "two words" },
		"gres":      func(s *Slurm) { s.Gres = "gpu:'1'" },
		"options":   func(s *Slurm) { s.Options = []string{"constraint=a100"} },
		"time":      func(s *Slurm) { s.Time = &minute },
	} {
		s := Slurm{}.Defaults()
		change(&s)
		got := s.Problems()
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Path != want) {
			t.Errorf("%s: got %v", want, got)
		}
	}
}

// TestMarks: an axis names round numbers.
func TestMarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    Dimension
		want []float64
	}{
		{Dimension{Low: 1e-4, High: 0.1, Log: true}, []float64{1e-4, 1e-3, 1e-2, 0.1}},
		{Dimension{Low: 0.2, High: 0.8, Log: true}, []float64{0.2, 0.4, 0.8}},
		{Dimension{Low: 1e-12, High: 1, Log: true}, []float64{1e-12, 1e-6, 1}},
		{Dimension{Low: 0, High: 4}, []float64{0, 2, 4}},
	} {
		got := c.d.Marks()
		for i, x := range got {
			if len(got) != len(c.want) || !(math.Abs(x/c.want[i]-1) <= 1e-9) && x != c.want[i] {
				t.Errorf("%v to %v: got %v, want %v", c.d.Low, c.d.High, got, c.want)
				break
			}
		}
	}
}

// TestNames: a choice is called by its part, unless two are of one.
func TestNames(t *testing.T) {
	t.Parallel()
	d := Dimension{Choices: []string{"cross_entropy", "{focal: {gamma: 1}}", "{sgd: {rate: 1}}", "{sgd: {rate: 2}}", "[1, 2]"}}
	want := map[string]string{"cross_entropy": "cross_entropy", "{focal: {gamma: 1}}": "focal", "{sgd: {rate: 1}}": "{sgd: {rate: 1}}", "{sgd: {rate: 2}}": "{sgd: {rate: 2}}", "[1, 2]": "[1, 2]"}
	if got := d.Names(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
