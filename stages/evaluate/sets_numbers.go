package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

// setNumbers measures prediction sets: the numbers of all cases, then those of each class and
// of each size, which tables show.
type setNumbers struct {
	Sets
	classes []string
}

// pooledSets are the numbers of all targets' cases together.
type pooledSets struct{ setNumbers }

// Pooled does nothing.
func (pooledSets) Pooled() {}

// The numbers of all cases.
const (
	setCoverage = "set_coverage"
	setSize     = "set_size"
)

// setScalars are the numbers that a run has.
func setScalars() []stage.Scalar {
	return []stage.Scalar{
		{Name: setCoverage, Title: "Coverage of sets"},
		{Name: setSize, Title: "Size of sets", Better: stage.LowerBetter},
		{Name: "set_singletons", Title: "Sets of one class"},
		{Name: "set_empty", Title: "Empty sets"},
	}
}

// Scalars names them, and those of tables after the class or the size.
func (m setNumbers) Scalars() []stage.Scalar {
	out := setScalars()
	for class := range m.classes {
		out = append(out, stage.Scalar{Name: ofClass(setCoverage, class)}, stage.Scalar{Name: ofClass(setSize, class)})
	}
	for size := range len(m.classes) + 1 {
		out = append(out, stage.Scalar{Name: ofSize("share", size)}, stage.Scalar{Name: ofSize(setCoverage, size)})
	}
	return out
}

func ofClass(name string, class int) string { return fmt.Sprintf("%s of class %d", name, class) }
func ofSize(name string, size int) string   { return fmt.Sprintf("%s of size %d", name, size) }

// Values are means over the cases; of a class or a size without cases they are NaN.
func (m setNumbers) Values(p Predictions) []float64 {
	s := m.each(p)
	out := []float64{p.mean(s.covered), p.mean(s.size), p.mean(s.having[1]), p.mean(s.having[0])}
	for class := range m.classes {
		n := p.mean(s.of[class])
		out = append(out, p.mean(s.coveredOf[class])/n, p.mean(s.sizeOf[class])/n)
	}
	for size := range s.having {
		n := p.mean(s.having[size])
		out = append(out, n, p.mean(s.coveredAt[size])/n)
	}
	return out
}

// setSums are what the means are of: a number of each case, 0 where it is not of the class or
// the size.
type setSums struct {
	covered, size         []float64
	of, coveredOf, sizeOf [][]float64 // by class
	having, coveredAt     [][]float64 // by size
}

type setsKey struct{}

func (m setNumbers) each(p Predictions) *setSums {
	return once(p.items, setsKey{}, func() *setSums {
		n, k := len(p.Items), len(m.classes)
		table := func(rows int) (out [][]float64) {
			for range rows {
				out = append(out, make([]float64, n))
			}
			return out
		}
		s := &setSums{make([]float64, n), make([]float64, n), table(k), table(k), table(k), table(k + 1), table(k + 1)}
		for i, item := range p.Items {
			s.add(i, item.Label, m.Set(item))
		}
		return s
	})
}

func (s *setSums) add(i, label int, set []int) {
	size := len(set)
	s.size[i], s.of[label][i], s.sizeOf[label][i], s.having[size][i] = float64(size), 1, float64(size), 1
	for _, class := range set {
		if class == label {
			s.covered[i], s.coveredOf[label][i], s.coveredAt[size][i] = 1, 1, 1
		}
	}
}

// Measure says how often the sets of predictions hold the true class, and how large they are.
func (s Sets) Measure(cfg Config, classes []string, items []stage.Prediction) ([]stage.Scalar, error) {
	p, err := cfg.prepare(classes, items)
	if err != nil {
		return nil, err
	}
	out, values := setScalars(), p.values(setNumbers{s, classes})
	for i := range out {
		out[i].Value = values[i]
	}
	return out, nil
}
