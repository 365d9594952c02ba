package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Sets makes the prediction sets of cases: all classes whose score is at most the threshold.
// It is stored with the run as a fact of the name SetsFact, in JSON, for whoever predicts
// later, and is about probabilities as the run's calibration leaves them.
type Sets struct {
	Method       storedMethod `json:"method"`
	Score        string       `json:"score"` // of a class, in words
	Coverage     float64      `json:"coverage"`
	Guarantee    string       `json:"guarantee"`
	Exchangeable string       `json:"exchangeable"`
	Seed         uint64       `json:"seed"`       // of chance, where the method has some
	Thresholds   []ceiling    `json:"thresholds"` // one for all classes, or one for each
	// Of holds the thresholds of single targets, by the value of the tag Tag, those of classes
	// in the order that they have for the target; other cases have the ones above. nil where
	// there are no several targets.
	Tag string               `json:"tag,omitempty"`
	Of  map[string][]ceiling `json:"of,omitempty"`
	// Folds holds the thresholds for what single nets of a cross-validation said of the cases that they
	// tested, by stage.FoldTag: see FittedCalibrator.Folds.
	Folds map[string]Sets `json:"folds,omitempty"`
}

// SetsFact is the name of the stored fact.
const SetsFact = "prediction sets"

// ceiling is the highest score that a class of a set has. Infinity lets every class in,
// where too few cases say more; JSON writes it as null.
type ceiling float64

// MarshalJSON writes a number or null.
func (c ceiling) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(c), 1) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(c))
}

// UnmarshalJSON reads a number or null.
func (c *ceiling) UnmarshalJSON(text []byte) error {
	*c = ceiling(math.Inf(1))
	if string(text) == "null" {
		return nil
	}
	return json.Unmarshal(text, (*float64)(c))
}

// storedMethod is written as experiments write it: {"raps":{"penalty":0.1,"free":1}}.
type storedMethod struct {
	registry.One[ConformalMethod]
}

// MarshalJSON writes the method with all its settings.
func (m storedMethod) MarshalJSON() ([]byte, error) {
	var tree any
	if err := registry.Encode(m.One).Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// UnmarshalJSON reads that.
func (m *storedMethod) UnmarshalJSON(text []byte) error {
	var tree yaml.Node
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return err
	}
	return registry.Decode(&tree, "", &m.One).Err()
}

// ReadSets reads a stored fact, of a run with that many classes.
func ReadSets(text string, classes int) (Sets, error) {
	var s Sets
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("stored prediction sets: %w", err)
	}
	if s.Method.Part == nil {
		return s, errors.New("stored prediction sets: there is no method")
	}
	for name, of := range s.Of {
		if n := len(of); n < 1 || n > classes {
			return s, fmt.Errorf("stored prediction sets of %s: %d thresholds for %d classes", name, n, classes)
		}
	}
	for fold, of := range s.Folds {
		if of.Method.Part == nil {
			return s, fmt.Errorf("stored prediction sets of fold %s: there is no method", fold)
		}
		if err := of.counted(classes); err != nil {
			return s, fmt.Errorf("stored prediction sets of fold %s: %w", fold, err)
		}
	}
	if err := s.counted(classes); err != nil {
		return s, fmt.Errorf("stored prediction sets: %w", err)
	}
	return s, nil
}

// counted wants one threshold, or one for each class.
func (s Sets) counted(classes int) error {
	if n := len(s.Thresholds); n != 1 && n != classes {
		return fmt.Errorf("%d thresholds for %d classes", n, classes)
	}
	return nil
}

// Check refuses thresholds of targets that are not as many as the target has classes.
func (s Sets) Check(asked stage.Questions) error {
	for target, name := range asked.Targets {
		if n, k := len(s.Of[name]), len(asked.Of(target)); n > 1 && n != k {
			return fmt.Errorf("stored prediction sets of %s: %d thresholds for %d classes", name, n, k)
		}
	}
	return nil
}

// Fact is what is stored.
func (s Sets) Fact() (stage.Fact, error) {
	text, err := json.Marshal(s)
	return stage.Fact{Name: SetsFact, Value: string(text)}, err
}

// Set lists the classes of a case's set, in their order; there may be none.
func (s Sets) Set(item stage.Prediction) (classes []int) {
	if own, has := s.Folds[item.Tags[stage.FoldTag]]; has {
		s = own
	}
	thresholds := s.thresholds(tagged(item, s.Tag))
	if item.Among == nil {
		return s.among(item, thresholds)
	}
	if _, known := s.Of[tagged(item, s.Tag)]; !known && len(thresholds) > 1 {
		thresholds = nil
		for _, k := range item.Among {
			thresholds = append(thresholds, s.Thresholds[k])
		}
	}
	for _, i := range s.among(own(item), thresholds) {
		classes = append(classes, item.Among[i])
	}
	return classes
}

// among is the set of a case, whose classes have these thresholds.
func (s Sets) among(item stage.Prediction, thresholds []ceiling) (classes []int) {
	first, last := -1, -1
	for k, score := range s.scores(item) {
		if score <= float64(thresholds[k%len(thresholds)]) {
			if first < 0 {
				first = k
			}
			classes, last = append(classes, k), k
		}
	}
	if _, is := s.Method.Part.(Contiguous); !is || first < 0 {
		return classes
	}
	classes = classes[:0] // thresholds of single classes may leave gaps: a larger set covers no less
	for k := first; k <= last; k++ {
		classes = append(classes, k)
	}
	return classes
}

// thresholds are those of a target.
func (s Sets) thresholds(target string) []ceiling {
	if of, own := s.Of[target]; own {
		return of
	}
	return s.Thresholds
}

// scores are those of a case. Its chance is a function of the seed and the case's id.
func (s Sets) scores(item stage.Prediction) []float64 {
	u := float64(stage.Hash(s.Seed, "prediction set "+item.CaseID)>>11) / (1 << 53)
	return s.Method.Part.Scores(item.Probabilities, u)
}
