package audit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"vertebra/stages/stage"
)

// mostValues is how many values a characteristic may have that are told one by one; more words are
// likely to be names, and more numbers have a mean.
const mostValues = 20

// CharacteristicsTable is the name of the table that says who is in each split, and
// LargestDifference its last column.
const CharacteristicsTable, LargestDifference = "characteristics", "largest difference"

// characteristics is the table that papers begin with: who is in each split, by what is known of
// cases besides their labels, and how different the splits are; without rows where nothing is known.
func (c Cases) characteristics() stage.Table {
	splits := c.present()
	t := stage.Table{Name: CharacteristicsTable, Title: "Who is in each split" + c.ofFirstFold(), Section: "data", Columns: []string{"characteristic", "counted"}}
	for _, split := range splits {
		t.Columns = append(t.Columns, string(split))
	}
	if len(splits) > 1 {
		t.Columns = append(t.Columns, LargestDifference)
		t.Note = "the difference is standardised, the largest of any two splits: of means over the pooled standard deviation, of shares as Yang and Dalton 2012; 0.1 is often taken for small (Austin 2009). What is not known does not count"
	}
	for _, tag := range c.known() {
		if k, ok := c.characteristic(tag); ok {
			t.Rows = append(t.Rows, k.rows(splits)...)
		}
	}
	return t
}

// known lists the tags that say something of cases.
func (c Cases) known() []string {
	tags := map[string]bool{}
	for _, one := range c.Cases {
		for tag := range one.Tags {
			tags[tag] = true
		}
	}
	for _, other := range []string{stage.TargetTag, stage.FoldTag, "instance"} {
		delete(tags, other)
	}
	return slices.Sorted(maps.Keys(tags))
}

// characteristic is one tag: what each group, or where it differs within groups each sample, has.
type characteristic struct {
	tag, counted string
	values       map[stage.Split][]string // "" where it is not known
	numbers      bool
}

// characteristic looks at a tag. It is not ok where nothing is known, where values are names, or
// where they are not of a sample but of what is asked about it.
func (c Cases) characteristic(tag string) (k characteristic, ok bool) {
	k = characteristic{tag: tag, counted: c.GroupsAre()}
	group := func(one stage.Case) string { return one.Group }
	if k.values, ok = c.perUnit(tag, group); !ok {
		k.counted = "samples"
		if k.values, ok = c.perUnit(tag, sampleOf); !ok {
			return k, false
		}
	}
	distinct, numbers := map[string]bool{}, true
	for _, values := range k.values {
		for _, v := range values {
			if v != "" {
				distinct[v] = true
				numbers = numbers && finite(v)
			}
		}
	}
	k.numbers = numbers && len(distinct) > mostValues
	return k, len(distinct) > 0 && (k.numbers || len(distinct) <= mostValues)
}

// sampleOf names the sample that a case is a question about, or the case.
func sampleOf(one stage.Case) string { return cmp.Or(one.Sample, one.ID) }

// perUnit takes the value of each unit of each split once; not ok where one unit has two.
func (c Cases) perUnit(tag string, unit func(stage.Case) string) (map[stage.Split][]string, bool) {
	type key struct {
		split stage.Split
		unit  string
	}
	seen, out := map[key]string{}, map[stage.Split][]string{}
	for _, one := range c.Cases {
		at, value := key{one.Split, unit(one)}, one.Tags[tag]
		before, known := seen[at]
		if known && before != value {
			return nil, false
		}
		if !known {
			seen[at] = value
			out[one.Split] = append(out[one.Split], value)
		}
	}
	return out, true
}

func finite(text string) bool {
	v, err := strconv.ParseFloat(text, 64)
	return err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// rows are one for a number, or one for each value.
func (k characteristic) rows(splits []stage.Split) (rows [][]any) {
	if k.numbers {
		row := []any{k.tag + ", mean (standard deviation)", k.counted}
		for _, split := range splits {
			mean, deviation := moments(numbersOf(k.values[split]))
			row = append(row, fmt.Sprintf("%.4g (%.3g)", mean, deviation))
		}
		rows = append(rows, row)
	} else {
		for _, value := range k.distinct() {
			rows = append(rows, k.row(value, k.tag+": "+value, splits))
		}
	}
	if k.lacks() {
		rows = append(rows, k.row("", k.tag+" not known", splits))
	}
	for i := range rows {
		switch {
		case len(splits) < 2:
		case i == 0:
			rows[i] = append(rows[i], k.difference(splits))
		default:
			rows[i] = append(rows[i], "")
		}
	}
	return rows
}

func (k characteristic) row(value, title string, splits []stage.Split) []any {
	row := []any{title, k.counted}
	for _, split := range splits {
		n := 0
		for _, v := range k.values[split] {
			if v == value {
				n++
			}
		}
		row = append(row, fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(max(1, len(k.values[split])))))
	}
	return row
}

// distinct lists the known values: numbers by their size, words by the alphabet.
func (k characteristic) distinct() []string {
	found := map[string]bool{}
	for _, values := range k.values {
		for _, v := range values {
			found[v] = true
		}
	}
	delete(found, "")
	sorted := slices.Sorted(maps.Keys(found))
	if !slices.ContainsFunc(sorted, func(v string) bool { return !finite(v) }) {
		slices.SortStableFunc(sorted, func(a, b string) int { return compareNumbers(a, b) })
	}
	return sorted
}

func compareNumbers(a, b string) int {
	x, y := numbersOf([]string{a}), numbersOf([]string{b})
	return slices.Compare(x, y)
}

func (k characteristic) lacks() bool {
	for _, values := range k.values {
		if slices.Contains(values, "") {
			return true
		}
	}
	return false
}

func numbersOf(values []string) (out []float64) {
	for _, text := range values {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// difference is the largest of any two splits; NaN where there is none.
func (k characteristic) difference(splits []stage.Split) float64 {
	largest := math.NaN()
	for i, a := range splits {
		for _, b := range splits[i+1:] {
			d := standardisedShares(k.shares(a), k.shares(b))
			if k.numbers {
				d = standardisedMeans(numbersOf(k.values[a]), numbersOf(k.values[b]))
			}
			if !math.IsNaN(d) && !(d <= largest) {
				largest = d
			}
		}
	}
	return largest
}

// shares are those of each value, among what is known.
func (k characteristic) shares(split stage.Split) []float64 {
	out, n := make([]float64, 0), 0.0
	for _, value := range k.distinct() {
		count := 0.0
		for _, v := range k.values[split] {
			if v == value {
				count++
			}
		}
		out, n = append(out, count), n+count
	}
	for i := range out {
		out[i] /= n
	}
	return out
}
