package synth

import (
	"encoding/binary"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"vertebra/stages/stage"
)

// picture is a file as a reader sees it.
type picture struct {
	rows, columns             int
	rowSpacing, columnSpacing float64
	pixels                    []float64
}

// readPicture decodes a file by what its tags say, and by nothing that synth
// knows otherwise.
func readPicture(t *testing.T, path string) picture {
	t.Helper()
	set, err := dicom.ParseFile(path, nil, dicom.SkipProcessingPixelDataValue())
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	number := func(k tag.Tag) int { return first[int](t, set, k) }
	decimal := func(k tag.Tag, i int, otherwise float64) float64 {
		e, err := set.FindElementByTag(k)
		if err != nil {
			return otherwise
		}
		v, err := strconv.ParseFloat(e.Value.GetValue().([]string)[i], 64)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return v
	}
	p := picture{number(tag.Rows), number(tag.Columns), decimal(tag.PixelSpacing, 0, 0), decimal(tag.PixelSpacing, 1, 0), nil}
	unused := 64 - number(tag.BitsStored)
	slope, shift := decimal(tag.RescaleSlope, 0, 1), decimal(tag.RescaleIntercept, 0, 0)
	if first[string](t, set, tag.PhotometricInterpretation) == "MONOCHROME1" {
		slope = -slope
	}
	signed := number(tag.PixelRepresentation) == 1
	e, err := set.FindElementByTag(tag.PixelData)
	if err != nil {
		t.Fatal(err)
	}
	raw := dicom.MustGetPixelDataInfo(e.Value).UnprocessedValueData
	for i := 0; i+1 < len(raw); i += 2 {
		stored := uint64(binary.LittleEndian.Uint16(raw[i:])) << unused
		value := float64(stored >> unused)
		if signed {
			value = float64(int64(stored) >> unused)
		}
		p.pixels = append(p.pixels, value*slope+shift)
	}
	if len(p.pixels) != p.rows*p.columns {
		t.Fatalf("%s: %d pixels, want %d × %d", path, len(p.pixels), p.rows, p.columns)
	}
	return p
}

func first[T any](t *testing.T, set dicom.Dataset, k tag.Tag) T {
	t.Helper()
	e, err := set.FindElementByTag(k)
	if err != nil {
		t.Fatalf("%v: %v", k, err)
	}
	return e.Value.GetValue().([]T)[0]
}

// at interpolates at a place in pixels; outside, the edge goes on.
func (p picture) at(x, y float64) float64 {
	x, y = min(max(x, 0), float64(p.columns-1)), min(max(y, 0), float64(p.rows-1))
	i, j := min(int(x), p.columns-2), min(int(y), p.rows-2)
	fx, fy := x-float64(i), y-float64(j)
	k := j*p.columns + i
	top := p.pixels[k]*(1-fx) + p.pixels[k+1]*fx
	bottom := p.pixels[k+p.columns]*(1-fx) + p.pixels[k+p.columns+1]*fx
	return top*(1-fy) + bottom*fy
}

// width measures the bright structure at a point along one axis, in millimetres:
// the length of the run above half brightness on a line through the point.
func (p picture) width(x, y float64, along string) float64 {
	const half, step = 11.0, 0.25
	var line []float64
	for s := -half; s <= half; s += step {
		sum := 0.0
		for across := -1.5; across <= 1.5; across += 0.5 {
			u, v := s, across
			if along == "y" {
				u, v = across, s
			}
			sum += p.at(x+u/p.columnSpacing, y+v/p.rowSpacing)
		}
		line = append(line, sum)
	}
	centre := len(line) / 2
	peak := centre
	for i := centre - 16; i <= centre+16; i++ { // the point is up to two pixels off
		if line[i] > line[peak] {
			peak = i
		}
	}
	sorted := slices.Sorted(slices.Values(line))
	limit := (sorted[len(sorted)/20] + line[peak]) / 2
	low, high := peak, peak
	for low > 0 && line[low-1] > limit {
		low--
	}
	for high < len(line)-1 && line[high+1] > limit {
		high++
	}
	return float64(high-low+1) * step
}

// sample is a point's width and label.
type sample struct {
	group string // the series type, as each has its own healthy width
	study int
	width float64
	label int
}

func measured(t *testing.T, opt Options) []sample {
	t.Helper()
	dir, _ := written(t, opt)
	labels := readTable(t, filepath.Join(dir, "train.csv"))
	index, column := map[string]int{}, map[string]int{}
	for i, cells := range labels[1:] {
		index[cells[0]] = i + 1
	}
	for i, name := range labels[0] {
		column[name] = i
	}
	pictures := map[string]picture{}
	var out []sample
	for _, p := range readTable(t, filepath.Join(dir, "train_label_coordinates.csv"))[1:] {
		path := filepath.Join(dir, "train_images", p[0], p[1], p[2]+".dcm")
		if _, ok := pictures[path]; !ok {
			pictures[path] = readPicture(t, path)
		}
		x, _ := strconv.ParseFloat(p[5], 64)
		y, _ := strconv.ParseFloat(p[6], 64)
		group, along := p[3], "x"
		if len(group) > 12 && group[len(group)-12:] == "lar Stenosis" {
			group, along = "recess", "y"
		} else if group != conditions[canal] {
			group = "foramen"
		}
		cell := labels[index[p[0]]][column[key(p[3])+"_"+key(p[4])]]
		out = append(out, sample{group, index[p[0]], pictures[path].width(x, y, along), slices.Index(severities[:], cell)})
	}
	return out
}

// accuracy puts each sample of the even studies into the class whose median
// width in the odd studies is nearest, by ratio.
func accuracy(samples []sample) map[string]float64 {
	widths := map[string]*[3][]float64{}
	for _, s := range samples {
		if widths[s.group] == nil {
			widths[s.group] = &[3][]float64{}
		}
		if s.study%2 == 1 {
			widths[s.group][s.label] = append(widths[s.group][s.label], math.Log(s.width))
		}
	}
	right, all := map[string]float64{}, map[string]float64{}
	for _, s := range samples {
		if s.study%2 == 1 {
			continue
		}
		best, least := 0, math.Inf(1)
		for c, list := range widths[s.group] {
			slices.Sort(list)
			if far := math.Abs(list[len(list)/2] - math.Log(s.width)); far < least {
				best, least = c, far
			}
		}
		all[s.group]++
		if best == s.label {
			right[s.group]++
		}
	}
	for group := range all {
		right[group] /= all[group]
	}
	return right
}

// Severity can be told from the picture at the point, in each type of series.
func TestSeverityIsVisible(t *testing.T) {
	t.Parallel()
	samples := measured(t, Options{Seed: 11, Studies: 12, Size: 96, Slices: 7})
	for group, got := range accuracy(samples) {
		t.Logf("%s: %.3f", group, got)
		if got < 0.85 {
			t.Errorf("%s: the width at the point tells %.3f of the severities, want 0.85", group, got)
		}
	}
	// The same measure must find nothing where labels say nothing.
	r := stage.Rand(1, "shuffle")
	r.Shuffle(len(samples), func(i, j int) { samples[i].label, samples[j].label = samples[j].label, samples[i].label })
	for group, got := range accuracy(samples) {
		if got > 0.65 {
			t.Errorf("%s: the width tells %.3f of shuffled severities, want no more than guessing", group, got)
		}
	}
}
