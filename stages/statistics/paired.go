package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"vertebra/stages/stage"
)

// Arm is one number of all runs of one setting, each with another seed, all
// over the same cases: [run], or [run][resample].
type Arm struct {
	Values     []float64
	Replicates [][]float64
}

// Difference is what is known of the number of b less that of a, each the mean
// over its runs. Replicates of all runs must come of the same resamples, which
// makes the comparison a paired one.
//
// Where both arms have several runs, the spread between seeds is added: for
// each resample a draw of Student's t, scaled by the standard error of the
// difference of the means over seeds, with the degrees of freedom of Welch and
// Satterthwaite. With one run in an arm that spread is unknown, and the
// difference is that between these very nets.
func Difference(a, b Arm, clusters int, seed uint64) Sample {
	s := Sample{Value: Mean(b.Values) - Mean(a.Values), Clusters: clusters}
	noise, freedom := seedNoise(a.Values, b.Values)
	for i := range columns(a.Replicates) {
		d := meanAt(b.Replicates, i) - meanAt(a.Replicates, i)
		if noise > 0 {
			d += noise * studentAt("seed spread", freedom, seed, i)
		}
		s.Replicates = append(s.Replicates, d)
	}
	return s
}

// seedNoise is the standard error of the difference of two means over seeds,
// and its degrees of freedom; 0 where an arm has one run.
func seedNoise(a, b []float64) (noise, freedom float64) {
	if len(a) < 2 || len(b) < 2 {
		return 0, 0
	}
	va, vb := variance(a)/float64(len(a)), variance(b)/float64(len(b))
	if va+vb == 0 {
		return 0, 0
	}
	freedom = (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	return math.Sqrt(va + vb), freedom
}

// Widely is what is known of a number that is a mean over some of many, such as readers, where others of them
// might have been asked: values are those of each. For each resample a draw of Student's t joins it, scaled by the
// standard error of the mean. What each of them does with these very cases counts twice by that, among the cases
// and among them, so intervals are a little too wide. Of fewer than two nothing is known.
func (s Sample) Widely(values []float64, seed uint64) Sample {
	noise := StandardDeviation(values) / math.Sqrt(float64(len(values)))
	out := s
	out.Replicates, out.Jackknife = make([]float64, len(s.Replicates)), nil
	for i, v := range s.Replicates {
		if out.Replicates[i] = math.NaN(); len(values) < 2 {
			continue
		}
		out.Replicates[i] = v + noise*studentAt("spread of those asked", float64(len(values)-1), seed, i)
	}
	return out
}

func studentAt(purpose string, freedom float64, seed uint64, resample int) float64 {
	r := stage.Rand(seed, purpose, resample)
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(r.Float64())
}

func columns(rows [][]float64) int {
	if len(rows) == 0 {
		return 0
	}
	return len(rows[0])
}

func meanAt(rows [][]float64, i int) float64 {
	sum := 0.0
	for _, row := range rows {
		sum += row[i]
	}
	return sum / float64(len(rows))
}

// Mean is the arithmetic mean; NaN of none.
func Mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// variance is that of a sample, by n−1.
func variance(v []float64) float64 {
	m, sum := Mean(v), 0.0
	for _, x := range v {
		sum += (x - m) * (x - m)
	}
	return sum / float64(len(v)-1)
}

// StandardDeviation is that of a sample, by n−1; NaN of fewer than two.
func StandardDeviation(v []float64) float64 {
	if len(v) < 2 {
		return math.NaN()
	}
	return math.Sqrt(variance(v))
}

// Detectable is the true difference that would be told from zero with the given
// power at the given level, by the spread of the replicates and the normal
// approximation: (z(level) + z(power)) · standard error.
func (s Sample) Detectable(level, power float64) float64 {
	there := existing(s.Replicates)
	return (s.widened(normal.Quantile((1+level)/2)) + normal.Quantile(power)) * StandardDeviation(there)
}
