package preprocess

import (
	"fmt"
	"strings"
)

// StepsFact names the fact that holds the steps of a run's images with their versions: a later
// program whose steps have others makes other pixels of the same files.
const StepsFact = "versions of preprocessing steps"

// StepVersion is a step, and how it worked. Its version grows when it makes other pixels.
type StepVersion struct {
	Name    string
	Version int
}

// Versions are those of the steps, in their order.
func (c Config) Versions() (out []StepVersion) {
	for _, step := range c {
		out = append(out, StepVersion{step.Name, step.Part.Version()})
	}
	return out
}

// versionsText writes them as a fact: decode 3, resize 3.
func versionsText(versions []StepVersion) string {
	var words []string
	for _, v := range versions {
		words = append(words, fmt.Sprint(v.Name, " ", v.Version))
	}
	return strings.Join(words, ", ")
}

// ReadVersions reads the fact; nothing of runs that noted none.
func ReadVersions(fact string) (out []StepVersion, err error) {
	if fact == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(fact, ", ") {
		var v StepVersion
		if n, err := fmt.Sscanf(word, "%s %d", &v.Name, &v.Version); n != 2 {
			return nil, fmt.Errorf("%s: %q: %w", StepsFact, word, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// Changed says which of the steps make other pixels here than they did where the versions were
// noted: place names that in words, and by which program.
func (c Config) Changed(was []StepVersion, place, program string) (out []string) {
	if len(was) == 0 {
		return nil
	}
	here := c.Versions()
	for i, v := range was {
		if i >= len(here) || here[i].Name != v.Name {
			return append(out, fmt.Sprintf("the steps of %s are not those of its experiment", place))
		}
		if here[i].Version != v.Version {
			out = append(out, fmt.Sprintf("the step %s of this program (version %d) makes other pixels than that of the one that wrote %s (version %d): predictions may differ a little; that program was %s",
				v.Name, here[i].Version, place, v.Version, program))
		}
	}
	return out
}
