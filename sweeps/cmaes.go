package sweeps

import (
	"math"
	"slices"
	"strconv"

	"github.com/c-bata/goptuna/cmaes"
	"gonum.org/v1/gonum/mat"
)

func init() {
	Searches.Add("cma_es", "covariance matrix adaptation: follows the valley of several numbers together; choices and settings that do not always count are left to tpe", CMAES{Sigma: 1.0 / 6})
}

// CMAES is the evolution strategy of Hansen ("The CMA evolution strategy: a
// tutorial", 2016), as implemented by github.com/c-bata/goptuna/cmaes. Its state
// is made again for each trial from what the earlier ones gave: nothing is lost
// with the process.
type CMAES struct {
	Sigma      float64 `help:"how far the first generation spreads, in shares of each range" over:"0" max:"1"`
	Population int     `help:"trials of one generation; 4 + 3 ln(settings) when 0" min:"0" max:"1000"`
}

// Next asks the generation that is under way. The note of a proposal is the
// generation.
func (c CMAES) Next(q Question) (Proposal, error) {
	params := slices.DeleteFunc(q.Space.Free(), func(p Param) bool { return p.Choices != nil || len(p.needs) > 0 || p.Low == p.High })
	if len(params) < 2 { // no covariance to learn
		return TPE{Startup: 10, Candidates: 24}.Next(q)
	}
	strategy, generation, err := c.replay(q, params)
	if err != nil {
		return Proposal{}, err
	}
	shares, err := strategy.Ask()
	if err != nil {
		return Proposal{}, err
	}
	rest, err := TPE{Startup: 10, Candidates: 24}.Next(q)
	if err != nil {
		rest, err = Random{}.Next(q)
	}
	at := rest.Point
	for i, p := range params {
		at[p.Path] = p.At(shares[i])
	}
	return Proposal{Point: at, Note: strconv.Itoa(generation)}, err
}

// replay tells a new strategy all whole generations, the first trials of each in
// the order of their numbers. Only asking draws random numbers.
func (c CMAES) replay(q Question, params []Param) (*cmaes.Optimizer, int, error) {
	mean, bounds := make([]float64, len(params)), mat.NewDense(len(params), 2, nil)
	for i := range params {
		mean[i] = 0.5
		bounds.Set(i, 1, 1)
	}
	seed := int64(q.rand("cma_es").Uint64() >> 1)
	options := []cmaes.OptimizerOption{cmaes.OptimizerOptionSeed(seed), cmaes.OptimizerOptionBounds(bounds)}
	if c.Population > 3 {
		options = append(options, cmaes.OptimizerOptionPopulationSize(c.Population))
	}
	strategy, err := cmaes.NewOptimizer(mean, c.Sigma, options...)
	if err != nil {
		return nil, 0, err
	}
	for g := 0; ; g++ {
		told := generation(q.told(), g, params, strategy.PopulationSize())
		if len(told) < strategy.PopulationSize() || strategy.ShouldStop() {
			return strategy, g, nil
		}
		if err := strategy.Tell(told); err != nil {
			return nil, 0, err
		}
	}
}

// generation are the solutions of one generation. A trial that failed counts as
// the worst that is known.
func generation(told []Seen, g int, params []Param, size int) []*cmaes.Solution {
	worst := math.Inf(-1)
	for _, s := range told {
		if !math.IsInf(s.Value, 0) {
			worst = math.Max(worst, s.Value)
		}
	}
	if math.IsInf(worst, -1) {
		worst = 0
	}
	var out []*cmaes.Solution
	for _, s := range told {
		if s.Note != strconv.Itoa(g) || len(out) == size {
			continue
		}
		solution := &cmaes.Solution{Value: math.Min(s.Value, worst)}
		for _, p := range params {
			solution.Params = append(solution.Params, p.Share(s.Point[p.Path]))
		}
		out = append(out, solution)
	}
	return out
}
