package augment

import (
	"reflect"
	"strings"
	"testing"
)

func TestMirror(t *testing.T) {
	for _, c := range []struct {
		classes []string
		want    []int
		err     string
	}{
		{[]string{"normal_mild", "moderate", "severe"}, nil, ""},
		{[]string{"none", "left_stenosis", "right_stenosis"}, []int{0, 2, 1}, ""},
		{[]string{"Right Foramen", "Left Foramen", "canal"}, []int{1, 0, 2}, ""},
		{[]string{"left", "right"}, []int{1, 0}, ""},
		{[]string{"cleft", "bright", "leftover"}, nil, ""},
		{[]string{"left_stenosis", "normal"}, nil, `no class "right_stenosis"`},
		{nil, nil, ""},
	} {
		got, err := Mirror(c.classes)
		if !reflect.DeepEqual(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: got %v, %v; want %v, %q", c.classes, got, err, c.want, c.err)
		}
	}
}

func TestCheckSides(t *testing.T) {
	sided, odd, plain := []string{"left", "right"}, []string{"left", "none"}, []string{"mild", "severe"}
	axial, sagittal := []string{"Axial T2"}, []string{"Sagittal T1", "Sagittal T2/STIR"}
	for _, c := range []struct {
		recipe          string
		classes, planes []string
		want            string // "" for a recipe that is right
	}{
		{"[flip: {horizontal: 1, vertical: 1}]", plain, sagittal, ""},
		{"[flip: {horizontal: 1}]", sided, axial, ""},
		{"[flip: {horizontal: 1}]", sided, nil, ""},
		{"[rotate]", odd, axial, ""},
		{"[flip: {p: 0}]", odd, axial, ""},
		{"[flip: {horizontal: 0}]", odd, axial, ""},
		{"[flip: {horizontal: 1}]", odd, axial, `no class "right"`},
		{"[flip: {vertical: 0.1}]", sided, axial, "upside down"},
		{"[flip: {horizontal: 1}]", sided, sagittal, "keep"},
		{"[flip: {horizontal: 1, sides: keep}]", sided, sagittal, ""},
		{"[flip: {horizontal: 1, sides: keep}]", sided, axial, "swap"},
		{"[flip: {horizontal: 1}]", sided, append(axial, sagittal...), "horizontal to 0"},
		{"[rotate, one_of: {of: [gamma, some_of: {of: [flip, noise]}]}]", odd, axial, `no class "right"`},
	} {
		err := parse(t, c.recipe).CheckSides(c.classes, c.planes)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %v and %v: got %v, want %q", c.recipe, c.classes, c.planes, err, c.want)
		}
	}
}

// TestFlipSwapsLabels: exactly the mirrored images get the class of the other side.
func TestFlipSwapsLabels(t *testing.T) {
	const n = 40
	b := Batch{Samples: names(n), Labels: make([]int64, n), Mirror: []int{1, 0, 2}, Epoch: 1}
	for i := range b.Labels {
		b.Labels[i] = int64(i % 3)
	}
	before := append([]int64(nil), b.Labels...)
	p := parse(t, "[flip]").plan(b, square)
	got, flipped := p.labels(b), 0
	for i, d := range p.leaves[0].draws {
		want := before[i]
		if d.numbers[0] == 1 {
			want = int64(b.Mirror[want])
			flipped++
		}
		if got[i] != want {
			t.Errorf("image %d: got class %d, want %d", i, got[i], want)
		}
	}
	if flipped < 10 || flipped > 30 {
		t.Errorf("%d of %d images were mirrored", flipped, n)
	}
	if !reflect.DeepEqual(b.Labels, before) {
		t.Error("the batch's own labels were changed")
	}
	for _, text := range []string{"[flip: {horizontal: 1, sides: keep}]", "[flip: {horizontal: 1}, flip: {horizontal: 1}]"} {
		if got := parse(t, text).plan(b, square).labels(b); !reflect.DeepEqual(got, before) {
			t.Errorf("%s changed labels to %v", text, got)
		}
	}
}
