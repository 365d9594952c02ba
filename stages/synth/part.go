package synth

import "vertebra/stages/stage"

// part is one of the collection's two: train, with labels and points, and test, whose
// studies are to be predicted.
type part string

const (
	train part = "train"
	test  part = "test"
)

// images is the folder of the part's pictures.
func (p part) images() string { return string(p) + "_images" }

// tables are the part's, in the collection's root; the first names its studies. Those with
// the answers of test are what a competition keeps to itself.
func (p part) tables() []string {
	if p == test {
		return []string{"test_solution.csv", "test_label_coordinates.csv"}
	}
	return []string{
		"train.csv", "train_label_coordinates.csv", "train_series_descriptions.csv",
		"test_series_descriptions.csv", "sample_submission.csv", // examples, where there is no part test
	}
}

// parts are those that the options ask for.
func (o Options) parts() []part {
	if o.Test == 0 {
		return []part{train}
	}
	return []part{train, test}
}

// purpose names a random stream of the part.
func (p part) purpose(what string) string {
	if p == train {
		return "synth " + what
	}
	return "synth " + string(p) + " " + what
}

// newTestStudies makes the studies of the part test up, with ids that train has not.
func newTestStudies(opt Options, others []*study) []*study {
	used := map[int]bool{}
	for _, s := range others {
		used[s.id] = true
		for _, se := range s.series {
			used[se.id] = true
		}
	}
	studies := test.studies(opt, opt.Test, used)
	for i, s := range studies {
		s.leaveGaps(stage.Rand(opt.Seed, test.purpose("gaps"), i), opt.Gaps)
	}
	return studies
}
