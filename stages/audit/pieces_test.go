package audit

import (
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestSharedImages: a sample of several slices shares an image with whoever has one of them.
func TestSharedImages(t *testing.T) {
	t.Parallel()
	var images sharedThing
	for _, thing := range things(nil) {
		if thing.what == "image" {
			images = thing
		}
	}
	var got []string
	images.of(&stage.Case{Image: "s/1.dcm", Images: []string{"s/1.dcm", "s/2.dcm", "v.nii#1", "v.nii#2"}, Views: []stage.Mark{{Image: "left.png"}, {}}}, func(key string) { got = append(got, key) })
	slices.Sort(got)
	if got, want := slices.Compact(got), []string{"left.png", "s/1.dcm", "s/2.dcm", "v.nii"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStudiesWithSomethingWrong alone are hits, in their order.
func TestStudiesWithSomethingWrong(t *testing.T) {
	t.Parallel()
	v := &view{found: Found{Described: []Series{{Study: "b", Type: "T1"}, {Study: "a", Type: "T1"}, {Study: "b", Type: "T1"}, {Study: "a", Type: "T2"}}}}
	hits := v.eachStudy(func(study string, types map[string]int) (string, bool) { return study + " has two", types["T1"] > 1 })
	if len(hits) != 1 || hits[0].id != "b" || hits[0].detail != "b has two" {
		t.Errorf("got %+v", hits)
	}
}
