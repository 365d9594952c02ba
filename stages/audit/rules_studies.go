package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rules on what a study or a series of the RSNA collection should have.
func init() {
	addRule(Rule{ID: "study_without_points", Title: "study without any point", Reason: "train.csv has labels of it, and no other table has coordinates", Severity: warning, Do: keep, Unit: "studies",
		find: func(v *view) []hit {
			var out []hit
			for _, study := range slices.Sorted(maps.Keys(v.found.Labelled)) {
				if !v.found.Pointed[study] {
					out = append(out, hit{id: study, detail: fmt.Sprintf("%s has %d labels", study, v.found.Labelled[study])})
				}
			}
			return out
		}})
	addRule(Rule{ID: "series_without_points", Title: "series without any point", Reason: "train_series_descriptions.csv names it, and no coordinates lie on it", Severity: info, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			var out []hit
			for _, s := range v.found.Described {
				if v.found.Pointed[s.Study] && !v.found.Pointed[s.Key] {
					out = append(out, hit{id: s.Key, detail: s.Key + " is " + s.Type})
				}
			}
			return out
		}})
	addRule(Rule{ID: "missing_series_type", Title: "study lacks a series type", Reason: "one of Sagittal T1, Sagittal T2/STIR and Axial T2 is not there", Severity: warning, Do: keep, Unit: "studies",
		find: func(v *view) []hit {
			return v.eachStudy(func(study string, types map[string]int) (string, bool) {
				var lacks []string
				for _, kind := range rsnaTypes {
					if types[kind] == 0 {
						lacks = append(lacks, kind)
					}
				}
				return study + " has no " + strings.Join(lacks, ", no "), lacks != nil
			})
		}})
	addRule(Rule{ID: "repeated_series_type", Title: "study has a series type twice", Reason: "which of them a point lies on is told by the coordinates alone", Severity: info, Do: keep, Unit: "studies",
		find: func(v *view) []hit {
			return v.eachStudy(func(study string, types map[string]int) (string, bool) {
				for _, kind := range rsnaTypes {
					if types[kind] > 1 {
						return fmt.Sprintf("%s has %d of %s", study, types[kind], kind), true
					}
				}
				return "", false
			})
		}})
	addRule(Rule{ID: "incomplete_canal", Title: "sagittal T2 series without all canal points", Reason: "each of the five levels should have one", Severity: info, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			var out []hit
			for _, s := range v.found.Described {
				if n := v.found.Canals[s.Key]; s.Type == rsnaTypes[1] && n > 0 && n < len(rsnaLevels) {
					out = append(out, hit{id: s.Key, rows: v.rowsOf(s.Key), detail: fmt.Sprintf("%s has %d", s.Key, n)})
				}
			}
			return out
		}})
	addRule(Rule{ID: "on_published_list", Title: "on a published drop list", Reason: "teams of the challenge left the study or series out; name it in data.drop to do so too", Severity: info, Do: keep, Unit: "series",
		find: onPublishedList})
}

// eachStudy makes hits of the studies that something is wrong with, given how
// many series they have of each type.
func (v *view) eachStudy(wrong func(study string, types map[string]int) (detail string, broken bool)) []hit {
	types := map[string]map[string]int{}
	for _, s := range v.found.Described {
		if types[s.Study] == nil {
			types[s.Study] = map[string]int{}
		}
		types[s.Study][s.Type]++
	}
	var out []hit
	for _, study := range slices.Sorted(maps.Keys(types)) {
		if detail, broken := wrong(study, types[study]); broken {
			out = append(out, hit{id: study, detail: detail})
		}
	}
	return out
}

// published are the series and studies on drop lists of well-placed teams of the
// RSNA 2024 challenge: brendanartley/RSNA-2024-Competition, src/data/
// dataset_stage1.py, and lhwcv/solution-rsna-2024-lumbar-spine.
var published = map[string]bool{
	"3892989905": true, "2097107888": true, "2679683906": true, "1771893480": true, "996418962": true, "1753543608": true, "1848483560": true,
	"2492114990": true, "2780132468": true, "3008676218": true, "3637444890": true,
	"391103067": true, "953639220": true, "2460381798": true, "2690161683": true, "3650821463": true, "3949892272": true, "677672203": true,
}

func onPublishedList(v *view) []hit {
	var out []hit
	for _, s := range v.found.Described {
		if _, id, _ := strings.Cut(s.Key, "/"); published[s.Study] || published[id] {
			out = append(out, hit{id: s.Key, rows: v.rowsOf(s.Key)})
		}
	}
	return out
}
