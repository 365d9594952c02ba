package audit

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/synth"
)

// rsnaTables are a data set's tables, read by the test itself.
type rsnaTables struct {
	labels map[string]string   // row id -> cell
	points map[string][]string // row id -> series, instance
	kinds  map[string]string   // study/series -> description
}

func readRSNA(t *testing.T, dir string) rsnaTables {
	t.Helper()
	lines := func(name string) (out [][]string) {
		for _, line := range strings.Split(strings.TrimSpace(read(t, filepath.Join(dir, name))), "\n") {
			out = append(out, strings.Split(strings.TrimSpace(line), ","))
		}
		return out
	}
	r := rsnaTables{map[string]string{}, map[string][]string{}, map[string]string{}}
	wide := lines("train.csv")
	for _, row := range wide[1:] {
		for i, cell := range row[1:] {
			r.labels[row[0]+"_"+wide[0][i+1]] = cell
		}
	}
	spell := strings.NewReplacer(" ", "_", "/", "_")
	for _, row := range lines("train_label_coordinates.csv")[1:] {
		r.points[row[0]+"_"+strings.ToLower(spell.Replace(row[3]+"_"+row[4]))] = row[1:3]
	}
	for _, row := range lines("train_series_descriptions.csv")[1:] {
		r.kinds[row[0]+"/"+row[1]] = row[2]
	}
	return r
}

// series lists a study's series of a kind; all for "".
func (r rsnaTables) series(study, kind string) (out []string) {
	for _, key := range slices.Sorted(maps.Keys(r.kinds)) {
		if strings.HasPrefix(key, study+"/") && (kind == "" || r.kinds[key] == kind) {
			out = append(out, key)
		}
	}
	return out
}

// images lists the files of a series that points lie on.
func (r rsnaTables) images(key string) []string {
	seen := map[string]bool{}
	study, series, _ := strings.Cut(key, "/")
	for id, p := range r.points {
		if strings.HasPrefix(id, study+"_") && p[0] == series {
			seen["train_images/"+key+"/"+p[1]+".dcm"] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// expected says what each planted defect must be found as: ids by rule.
func (r rsnaTables) expected(p synth.Planted) map[string][]string {
	key, study := p.Study+"/"+p.Series, []string{p.Study}
	series := []string{key}
	gap := map[string][]string{}
	edge := strings.HasSuffix(p.File, "/1.dcm") || strings.HasSuffix(p.File, "/7.dcm")
	if strings.HasPrefix(r.kinds[key], "Sagittal") && p.File != "" && !edge { // a slice that is gone leaves a gap
		gap["gap_in_slices"] = series
	}
	with := func(more map[string][]string, rule string, ids []string) map[string][]string {
		out := maps.Clone(more)
		if out == nil {
			out = map[string][]string{}
		}
		out[rule] = ids
		return out
	}
	incomplete := map[string][]string{} // a canal point that is gone
	if strings.Contains(p.Row, "spinal") {
		incomplete["incomplete_canal"] = r.series(p.Study, "Sagittal T2/STIR")
	}
	other := strings.Replace(p.Row, "_left_", "_right_", 1)
	switch p.Defect {
	case "no_coordinates":
		return with(with(nil, "label_without_point", p.Rows), "study_without_points", study)
	case "point_without_label", "empty_labels":
		return with(nil, "empty_label", p.Rows)
	case "label_without_point":
		return with(incomplete, "label_without_point", p.Rows)
	case "canal_on_t1":
		return with(with(nil, "canal_not_on_t2", p.Rows), "series_without_points", r.series(p.Study, "Sagittal T2/STIR"))
	case "swapped_sides":
		return with(nil, "swapped_sides", p.Rows[:1])
	case "same_slice":
		return with(nil, "foraminal_on_one_slice", p.Rows[:1])
	case "two_axial_series":
		return with(with(nil, "subarticular_in_two_series", p.Rows[:5]), "repeated_series_type", study)
	case "odd_instances":
		return with(nil, "odd_instances", series)
	case "two_orientations":
		return with(nil, "several_orientations", series)
	case "mixed_shapes":
		return with(nil, "mixed_sizes", series)
	case "no_spacing_between":
		return with(nil, "no_slice_spacing", series)
	case "missing_series":
		return with(with(nil, "missing_series_type", study), "label_without_point", p.Rows)
	case "missing_file":
		return with(gap, "missing_image", p.Rows)
	case "truncated_file":
		return with(with(gap, "unreadable_image", p.Rows), "missing_slice", series)
	case "point_outside":
		return with(nil, "point_outside", p.Rows)
	case "blank_slice":
		return with(nil, "blank_image", []string{p.File})
	case "extra_series":
		return with(with(nil, "series_without_points", series), "repeated_series_type", study)
	case "far_apart":
		return with(nil, "subarticular_far_apart", p.Rows)
	case "wrong_level":
		return with(nil, "levels_out_of_order", p.Rows[:1])
	case "duplicate_point":
		return with(nil, "duplicate_point", p.Rows)
	case "misspelt_label":
		return with(nil, "unknown_label", p.Rows)
	case "published_study":
		return with(nil, "on_published_list", r.series(p.Study, ""))
	case "copied_image":
		right := r.points[other]
		return with(nil, "duplicate_image", []string{p.File, "train_images/" + p.Study + "/" + right[0] + "/" + right[1] + ".dcm"})
	case "missing_slice":
		return gap
	case "repeated_slice":
		return with(nil, "repeated_slices", series)
	case "no_position":
		return with(nil, "no_slice_position", series)
	case "foreign_slice":
		return with(nil, "several_uids", series)
	case "patient_name":
		return with(nil, "identifying_tags", r.images(key))
	case "private_elements":
		return with(nil, "private_tags", r.images(key))
	case "burned_in":
		return with(nil, "burned_in", r.images(key))
	}
	return nil
}

// conflicting finds cases whose image has cases of other labels, in the tables.
func (r rsnaTables) conflicting(cases Cases) []string {
	words := map[string]map[string]bool{}
	image := func(id string) string {
		study, _, _ := strings.Cut(id, "_")
		return study + "/" + strings.Join(r.points[id], "/")
	}
	for _, c := range cases.Cases {
		if words[image(c.ID)] == nil {
			words[image(c.ID)] = map[string]bool{}
		}
		words[image(c.ID)][r.labels[c.ID]] = true
	}
	var out []string
	for _, c := range cases.Cases {
		if len(words[image(c.ID)]) > 1 {
			out = append(out, c.ID)
		}
	}
	return out
}

// TestEveryPlantedDefectIsFound plants every defect that synth knows, each in a
// study of its own, and wants exactly what was planted: every id under its rule,
// and nothing besides but labels that conflict because several lie on one image.
func TestEveryPlantedDefectIsFound(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{12} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			names := synth.DefectNames()
			summary, err := synth.Write(t.Context(), dir, synth.Options{Seed: seed, Studies: len(names) + 3, Size: 64, Slices: 7, Defects: names})
			if err != nil {
				t.Fatal(err)
			}
			kept := &keeper{}
			cases, err := Look(t.Context(), environment(kept), config(dir))
			if err != nil {
				t.Fatal(err)
			}
			want, tables := map[string][]string{}, readRSNA(t, dir)
			for _, p := range summary.Planted {
				expected := tables.expected(p)
				if len(expected) == 0 {
					t.Errorf("%s: this test expects nothing of it", p.Defect)
				}
				for rule, ids := range expected {
					want[rule] = append(want[rule], ids...)
				}
			}
			want["conflicting_labels"] = tables.conflicting(cases)
			compareFindings(t, cases, want)
			checkTold(t, cases, kept)
		})
	}
}

func compareFindings(t *testing.T, cases Cases, want map[string][]string) {
	t.Helper()
	got := map[string][]string{}
	for _, f := range cases.All() {
		got[f.ID] = f.IDs
	}
	for rule := range want {
		slices.Sort(want[rule])
		if !slices.Equal(got[rule], want[rule]) {
			t.Errorf("%s: got %d, want %d; besides %v; without %v", rule, len(got[rule]), len(want[rule]), less(got[rule], want[rule]), less(want[rule], got[rule]))
		}
		delete(got, rule)
	}
	for rule, ids := range got {
		t.Errorf("%s: found %v, which nobody planted", rule, ids)
	}
}

// less gives what is in a and not in b.
func less(a, b []string) (out []string) {
	for _, id := range a {
		if !slices.Contains(b, id) {
			out = append(out, id)
		}
	}
	return out
}

// checkTold wants each finding in the table and as an event.
func checkTold(t *testing.T, cases Cases, kept *keeper) {
	t.Helper()
	rows := kept.table("audit").Rows
	if len(rows) != len(cases.All()) {
		t.Fatalf("got %d rows in the table, want %d", len(rows), len(cases.All()))
	}
	for i, f := range cases.All() {
		if rows[i][8] != f.ID || rows[i][2] != len(f.IDs) {
			t.Errorf("got the row %v for %s", rows[i], f.ID)
		}
		if !kept.says(f.Severity, fmt.Sprintf("%s: %s %s", f.Rule, f.counted(), f.Done)) {
			t.Errorf("no event tells of %s", f.ID)
		}
	}
}
