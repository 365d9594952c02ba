package reports

import (
	"fmt"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// environment tells where the run was made and what files it left.
func environment(rec *results.RunRecord) []block {
	blocks := []block{{Table: factTable(rec)}}
	for _, t := range []*tableView{artefactTable(rec.Artefacts), predictionTable(rec.Predictions)} {
		if t != nil {
			blocks = append(blocks, block{Table: t})
		}
	}
	return blocks
}

func factTable(rec *results.RunRecord) *tableView {
	v := &tableView{Title: "Facts", Columns: []columnView{{}, {}}}
	facts := append([]stage.Fact{
		{Name: "run", Value: rec.ID}, {Name: "seed", Value: fmt.Sprint(rec.Seed)}, {Name: "fingerprint", Value: rec.Fingerprint},
		{Name: "host", Value: rec.Host}, {Name: "process", Value: fmt.Sprint(rec.PID)},
		{Name: "started", Value: moment(rec.Started)}, {Name: "ended", Value: moment(rec.Ended)},
	}, rec.Facts...)
	for _, f := range facts {
		if f.Value != "" && f.Name != results.OriginsFact {
			v.Rows = append(v.Rows, []cellView{{Text: f.Name, Head: true}, {Text: cutFact(f.Value), Code: true}})
		}
	}
	return v.fit()
}

// longestFact is how many letters of a fact are shown: some are written for programs.
const longestFact = 300

func cutFact(value string) string {
	if letters := []rune(value); len(letters) > longestFact {
		return string(letters[:longestFact]) + fmt.Sprintf("… (%s letters; all of them are in the database)", grouped(len(letters)))
	}
	return value
}

func artefactTable(files []stage.Artefact) *tableView {
	if len(files) == 0 {
		return nil
	}
	v := &tableView{Title: "Files",
		Columns: []columnView{{Title: "kind"}, {Title: "path"}, {Title: "size", Number: true}, {Title: "SHA-256"}}}
	for _, f := range files {
		v.Rows = append(v.Rows, []cellView{{Text: f.Kind, Head: true}, {Text: f.Path, Code: true},
			{Text: size(f.Bytes), Number: true}, {Text: f.SHA256, Code: true}})
	}
	return v.fit()
}

// predictionTable counts the stored predictions; the report does not list them.
func predictionTable(list []stage.Prediction) *tableView {
	type key struct {
		split stage.Split
		phase string
	}
	var keys []key
	counts := map[key]int{}
	for _, p := range list {
		k := key{p.Split, p.Phase}
		if counts[k] == 0 {
			keys = append(keys, k)
		}
		counts[k]++
	}
	if len(keys) == 0 {
		return nil
	}
	v := &tableView{Title: "Stored predictions", Note: "each with its probabilities and tags, in the database",
		Columns: []columnView{{Title: "split"}, {Title: "phase"}, {Title: "cases", Number: true}}}
	for _, k := range keys {
		v.Rows = append(v.Rows, []cellView{{Text: string(k.split), Head: true}, {Text: k.phase}, {Text: grouped(counts[k]), Number: true}})
	}
	return v
}

func join(words []string) string { return strings.Join(words, ", ") }
