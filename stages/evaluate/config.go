package evaluate

import (
	"errors"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Config is the section evaluate of an experiment.
type Config struct {
	Metrics      []registry.One[Metric]    `help:"what is measured after each epoch and at the end"`
	AverageOver  string                    `help:"tag that says which question a case answers, such as the finding of a chest X-ray: every number is measured for each of its values alone and is the mean over them, but for numbers that are of all cases, such as loss; target tells the labels of data.label: all apart; empty takes all cases together"`
	Subgroups    []string                  `help:"tags, such as condition or level, for each value of which every number is measured again, of numbers such as an age for each range; without any, all tags that have 2 to 20 values"`
	Readers      []string                  `help:"columns or tags that hold what people said of the cases, by the names of the classes, such as reader_a and reader_b; cells may be empty. Each is held against the nets over the cases that he read: who is better, agreement, and of two classes readers as points beside the ROC curve"`
	ReaderMargin float64                   `help:"how much worse than a reader the net may be, by each number of that comparison, before it matters, such as 0.05: says whether the net is non-inferior to him, or equivalent. To be chosen before anybody looks; 0 does not ask" min:"0" under:"1"`
	Intervals    Intervals                 `help:"how sure the final numbers are"`
	Calibrate    *registry.One[Calibrator] `help:"how probabilities are calibrated on the validation split before the test split is measured once more; with several targets, each by itself where it has cases enough"`
	Sets         *Conformal                `help:"prediction sets: with each case the classes that it may be of, as many as the validation split shows to be needed so that a set holds the true class as often as asked; with several targets, each has thresholds of its own; none when absent"`
	Outliers     *Outliers                 `help:"with each predicted image how unlike it is to those of the training, as the p-value outlier_p: small for another scanner or another part of the body; none when absent"`
	Alike        int                       `help:"samples of the validation and of the test split that a figure of the report lays out by what the last layer sees of them (t-SNE), from all over the split; 0 leaves the figure out, which takes a second of each split" min:"0" max:"2000"`

	watched []string // numbers of single targets; see Watching
}

// Intervals says how intervals of the final numbers are found.
type Intervals struct {
	Resamples int     `help:"how often the cases are drawn again; 0 measures no intervals" min:"0" max:"100000"`
	Level     float64 `help:"share of intervals that hold the true number" min:"0.5" under:"1"`
	Method    string  `help:"bca corrects for bias and skewness" oneof:"bca percentile"`
	Draw      string  `help:"what is drawn: whole groups, which are studies or patients, or single cases as if they did not resemble each other" oneof:"groups cases"`
}

// Validate wants readers for a margin.
func (cfg Config) Validate() error {
	if cfg.ReaderMargin > 0 && len(cfg.Readers) == 0 {
		return errors.New("reader_margin asks whether the net is worse than readers, and readers names none")
	}
	return nil
}

// Default measures what every classification wants to know.
var Default = Config{
	Metrics: []registry.One[Metric]{
		{Name: "loss"}, {Name: "accuracy"}, {Name: "balanced_accuracy"}, {Name: "precision"}, {Name: "recall"}, {Name: "f1"},
		{Name: "per_class"}, {Name: "confusion"},
	},
	AverageOver: stage.TargetTag,
	Intervals:   Intervals{Resamples: 2000, Level: 0.95, Method: "bca", Draw: "groups"},
	Alike:       600,
}

// parts lists the metrics, each with its settings, then watched numbers of single targets.
// loss is always there.
func parts(cfg Config) []registry.One[Metric] { return cfg.withWatched(cfg.named()) }

// named are the metrics that the section asks for, with their settings, and the loss.
func (cfg Config) named() []registry.One[Metric] {
	all := slices.Clone(cfg.Metrics)
	if !slices.ContainsFunc(all, func(m registry.One[Metric]) bool { return m.Name == "loss" }) {
		all = slices.Insert(all, 0, registry.One[Metric]{Name: "loss"})
	}
	for i, m := range all {
		if m.Part == nil { // Default names its metrics only
			all[i].Part, all[i].Name = defaultPart(m.Name), m.Name
		}
	}
	return all
}

func defaultPart(name string) Metric {
	m, _ := Metrics.Default(name)
	return m.Part
}

// numeric lists the metrics that give numbers.
func numeric(cfg Config) []registry.One[Metric] {
	return slices.DeleteFunc(parts(cfg), func(m registry.One[Metric]) bool {
		return m.Part != nil && len(m.Part.Scalars()) == 0
	})
}

// Names lists every scalar that the metrics give, so that a monitor can be
// checked before anything runs. loss is always there.
func Names(cfg Config) []stage.Scalar {
	var all []stage.Scalar
	for _, m := range parts(cfg) {
		if m.Part != nil {
			all = append(all, m.Part.Scalars()...)
		}
	}
	return all
}
