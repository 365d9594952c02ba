package audit

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/internal/lookalike"
	"vertebra/stages/stage"
)

// Rules on the pixels of the cases' images.
func init() {
	addRule(Rule{ID: "undecodable_image", Title: "image that cannot be decoded", Reason: "its header is sound, its pixels are not; preprocessing will drop its cases", Severity: severe, Do: keep, Unit: "images",
		look: func(v *view) []hit {
			return v.eachLook(func(path string, l lookalike.Look) (string, bool) { return v.short(path) + ": " + l.Err, l.Err != "" })
		}})
	addRule(Rule{ID: "blank_image", Title: "blank image", Reason: "all its pixels are equal", Severity: severe, Do: keep, Unit: "images",
		look: func(v *view) []hit {
			return v.eachLook(func(_ string, l lookalike.Look) (string, bool) { return "", l.Blank })
		}})
	addRule(Rule{ID: "duplicate_image", Title: "duplicate images", Reason: "different files hold the same pixels", Severity: warning, Do: keep, Unit: "images",
		look: func(v *view) []hit { return v.inSets(v.equals(), func([]string) bool { return true }) }})
	addRule(Rule{ID: "duplicate_in_two_splits", Title: "duplicate images in two splits", Reason: "the same pixels are on both sides of the split: drop one of each", Severity: severe, Do: keep, Unit: "images",
		look: func(v *view) []hit { return v.inSets(v.equals(), v.torn) }})
	addRule(Rule{ID: "conflicting_duplicates", Title: "duplicate images with conflicting labels", Reason: "the same pixels at the same point have different labels", Severity: warning, Do: keep,
		look: conflictingDuplicates})
	addRule(Rule{ID: "near_duplicate", Title: "near-duplicate images", Reason: "images of different groups look the same, such as one picture stored twice with other settings", Severity: warning, Do: keep, Unit: "images",
		look: func(v *view) []hit { return v.inSets(v.nears(), func([]string) bool { return true }) }})
	addRule(Rule{ID: "near_duplicate_in_two_splits", Title: "near-duplicate images in two splits", Reason: "images that look the same are on both sides of the split: drop one of each", Severity: severe, Do: keep, Unit: "images",
		look: func(v *view) []hit { return v.inSets(v.nears(), v.torn) }})
}

// allImages lists a case's images.
func allImages(c stage.Case) []string {
	out := c.Images
	if out == nil {
		out = []string{c.Image}
	}
	for _, m := range c.Views {
		if m.Image != "" && !slices.Contains(out, m.Image) {
			out = append(slices.Clip(out), m.Image)
		}
	}
	return out
}

// uses gives the cases on each image.
func (v *view) uses() map[string][]stage.Case {
	out := map[string][]stage.Case{}
	for _, c := range v.Cases.Cases {
		for _, path := range allImages(c) {
			out[path] = append(out[path], c)
		}
	}
	return out
}

func idsOfCases(cases []stage.Case) []string {
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	return ids
}

// eachLook makes hits of the images that something is wrong with.
func (v *view) eachLook(wrong func(path string, l lookalike.Look) (detail string, broken bool)) []hit {
	var out []hit
	for _, path := range slices.Sorted(maps.Keys(v.looks)) {
		if detail, broken := wrong(path, v.looks[path]); broken {
			out = append(out, hit{id: v.short(path), rows: idsOfCases(v.using[path]), detail: detail})
		}
	}
	return out
}

// equals are sets of files with the same pixels. Blank images are a defect of
// their own.
func (v *view) equals() [][]string {
	by := map[[16]byte][]string{}
	for _, path := range slices.Sorted(maps.Keys(v.looks)) {
		if l := v.looks[path]; l.Err == "" && !l.Blank {
			by[l.Hash] = append(by[l.Hash], path)
		}
	}
	var out [][]string
	for _, set := range by {
		if len(set) > 1 {
			out = append(out, set)
		}
	}
	slices.SortFunc(out, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return out
}

// nears are pairs of files of different groups whose pixels differ, but not by
// much.
func (v *view) nears() [][]string {
	if v.nearPairs != nil {
		return *v.nearPairs
	}
	paths := slices.DeleteFunc(slices.Sorted(maps.Keys(v.looks)), func(path string) bool {
		l := v.looks[path]
		return l.Err != "" || l.Blank
	})
	hashes := make([][4]uint64, len(paths)) // close together in memory: all pairs are compared
	for i, path := range paths {
		hashes[i] = v.looks[path].Marks
	}
	found := make([][][]string, len(paths)) // by the second of each pair
	var rows errgroup.Group
	rows.SetLimit(runtime.GOMAXPROCS(0))
	for i := range paths {
		rows.Go(func() error {
			for j := range i {
				if lookalike.Alike(&hashes[i], &hashes[j]) && v.near(paths[i], paths[j]) {
					found[i] = append(found[i], []string{paths[j], paths[i]})
				}
			}
			return nil
		})
	}
	_ = rows.Wait() // none of them fails
	pairs := slices.Concat(found...)
	v.nearPairs = &pairs
	return pairs
}

// near says whether images with like hashes are near duplicates.
func (v *view) near(a, b string) bool {
	x, y := v.looks[a], v.looks[b]
	return v.using[a][0].Group != v.using[b][0].Group && x.Resembles(&y)
}

// inSets makes a hit of every image that is in a set of the wanted kind.
func (v *view) inSets(sets [][]string, wanted func(set []string) bool) []hit {
	var out []hit
	seen := map[string]bool{}
	for _, set := range sets {
		if !wanted(set) {
			continue
		}
		for _, path := range set {
			if !seen[path] {
				detail := v.short(set[0]) + " and " + v.short(set[1])
				out = append(out, hit{id: v.short(path), rows: idsOfCases(v.using[path]), detail: detail})
			}
			seen[path] = true
		}
	}
	return out
}

// torn says whether images of a set are used in different splits or folds.
func (v *view) torn(set []string) bool {
	var cases []stage.Case
	for _, path := range set {
		cases = append(cases, v.using[path]...)
	}
	return len(tornKeys(cases, func(_ *stage.Case, found func(string)) { found("") })) > 0
}

// conflictingDuplicates finds cases on equal images, at the same point, of
// different labels; the detail is what accuracy they leave possible.
func conflictingDuplicates(v *view) []hit {
	var out []hit
	lost, met := 0, map[string]bool{}
	for _, set := range v.equals() {
		by := map[string][]stage.Case{}
		for _, path := range set {
			for _, c := range v.using[path] {
				if met[c.ID] { // by another of its views
					continue
				}
				met[c.ID] = c.Views != nil
				key := fmt.Sprint(v.placeKey(c), c.Target)
				by[key] = append(by[key], c)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(by)) {
			cases := by[key]
			best := len(most(cases, func(c stage.Case) string { return fmt.Sprint(c.Label) }))
			if best == len(cases) {
				continue
			}
			lost += len(cases) - best
			for _, c := range cases {
				out = append(out, hit{id: c.ID})
			}
		}
	}
	if len(out) > 0 {
		out[0].detail = fmt.Sprintf("%s; no net can be right in more than %.2f %% of all cases", out[0].id, 100*(1-float64(lost)/float64(len(v.Cases.Cases))))
	}
	return out
}

// placeKey names where a case is seen in equal images, or all that it is seen in where it
// has views.
func (v *view) placeKey(c stage.Case) (name string) {
	if c.Views == nil {
		return pointKey(c)
	}
	for _, m := range c.Views {
		name += fmt.Sprintf("%x %v ", v.looks[m.Image].Hash, pointKey(stage.Case{Point: m.Point}))
	}
	return name
}

// pointKey names the place in the image that a case is about, to the pixel.
func pointKey(c stage.Case) string {
	if c.Point == nil {
		return ""
	}
	return fmt.Sprint(math.Round(c.Point.X), math.Round(c.Point.Y))
}

// pixelFact is what the leak check says of pixels.
func (v *view) pixelFact() string {
	equal, near := v.inSets(v.equals(), v.torn), v.inSets(v.nears(), v.torn)
	if len(equal)+len(near) == 0 {
		return fmt.Sprintf("; of %d images looked at, none is in two splits as another file, nor one that looks the same", len(v.looks))
	}
	return fmt.Sprintf("; of %d images looked at, %d are in two splits as equal files and %d as files that look the same", len(v.looks), len(equal), len(near))
}
