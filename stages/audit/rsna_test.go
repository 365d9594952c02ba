package audit

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// tables writes the three tables; a name without text is not written.
func tables(t testing.TB, labels, points, series string) RSNA {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"train.csv": labels, "train_label_coordinates.csv": points, "train_series_descriptions.csv": series} {
		if text != "" {
			write(t, filepath.Join(dir, name), text)
		}
	}
	return RSNA{Root: registry.Path(dir), Conditions: []string{"spinal_canal_stenosis"}, Levels: []string{"l1_l2", "l4_l5"}}
}

const (
	header  = "study_id,series_id,instance_number,condition,level,x,y\n"
	series  = "study_id,series_id,series_description\n1,10,Sagittal T2/STIR\n2,20,Sagittal T1\n"
	columns = "study_id,spinal_canal_stenosis_l1_l2,spinal_canal_stenosis_l4_l5\n"
)

func TestReadJoinsByKey(t *testing.T) {
	t.Parallel()
	const canal = ",Spinal Canal Stenosis,L1/L2,"
	for _, test := range []struct {
		name, labels, points string
		kept                 []string
		dropped              map[string][]string
	}{
		{
			"other order, other spelling", columns + "2,Severe,Moderate\n1,Normal/Mild,\n", header + "1,10,8.0,spinal canal stenosis,l1/l2,3,4\n2,20,5, Spinal Canal Stenosis ,L4/L5,1.5,2\n",
			[]string{"1_spinal_canal_stenosis_l1_l2 0", "2_spinal_canal_stenosis_l4_l5 1"},
			map[string][]string{"empty label": {"1_spinal_canal_stenosis_l4_l5"}, "label without point": {"2_spinal_canal_stenosis_l1_l2"}},
		},
		{
			"point without label", columns + "1,Severe,\n", header + "1,10,8" + canal + "3,4\n3,30,1" + canal + "3,4\n1,10,8,Spinal Canal Stenosis,L4/L5,1,1\n",
			[]string{"1_spinal_canal_stenosis_l1_l2 2"},
			map[string][]string{"point without label": {"3_spinal_canal_stenosis_l1_l2"}, "empty label": {"1_spinal_canal_stenosis_l4_l5"}},
		},
		{
			"duplicates", columns + "1,Severe,\n1,Moderate,\n", header + "1,10,8" + canal + "3,4\n1,10,9" + canal + "5,6\n",
			[]string{"1_spinal_canal_stenosis_l1_l2 2"},
			map[string][]string{
				"duplicate point": {"1_spinal_canal_stenosis_l1_l2"}, "empty label": {"1_spinal_canal_stenosis_l4_l5"},
				"duplicate study": {"1_spinal_canal_stenosis_l1_l2", "1_spinal_canal_stenosis_l4_l5"},
			},
		},
		{
			"unknown words", columns + "1,Severe,Terrible\n", header + "1,10,8" + canal + "3,4\n1,10,8,Back Pain,L1/L2,1,1\n1,10,8,Spinal Canal Stenosis,L6/L7,1,1\n",
			[]string{"1_spinal_canal_stenosis_l1_l2 2"},
			map[string][]string{"unknown label": {"1_spinal_canal_stenosis_l4_l5"}, "unknown condition or level": {"1_back_pain_l1_l2", "1_spinal_canal_stenosis_l6_l7"}},
		},
		{
			"bad numbers and ids", columns + "1,Severe,Severe\n2,Severe,Severe\n", header + "1,10,8" + canal + "NaN,4\n1,10,8,Spinal Canal Stenosis,L4/L5,x,4\n2,../..,8" + canal + "3,4\n2,20,,Spinal Canal Stenosis,L4/L5,3,4\n",
			nil,
			map[string][]string{
				"unreadable point": {"1_spinal_canal_stenosis_l1_l2", "1_spinal_canal_stenosis_l4_l5"},
				"unusable id":      {"2_spinal_canal_stenosis_l1_l2", "2_spinal_canal_stenosis_l4_l5"},
			},
		},
		{
			"a filter chooses, it drops nothing", strings.Replace(columns, "\n", ",left_subarticular_stenosis_l1_l2,notes\n", 1) + "1,Severe,Severe,Severe,hello\n",
			header + "1,10,8" + canal + "3,4\n1,10,8,Spinal Canal Stenosis,L4/L5,3,4\n1,10,8,Left Subarticular Stenosis,L1/L2,1,1\n",
			[]string{"1_spinal_canal_stenosis_l1_l2 2", "1_spinal_canal_stenosis_l4_l5 2"}, map[string][]string{"unknown column": {"notes"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			source := tables(t, test.labels, test.points, series)
			found, err := source.Read(t.Context(), &Request{})
			if err != nil {
				t.Fatal(err)
			}
			var kept []string
			for _, c := range found.Cases {
				kept = append(kept, c.ID+" "+string(rune('0'+c.Label)))
			}
			dropped := map[string][]string{}
			for rule, hits := range found.reports.hits {
				dropped[rules[rule].Title] = rules[rule].finding(hits, drop).IDs
			}
			if !sameWords(kept, test.kept) || !reflect.DeepEqual(dropped, test.dropped) {
				t.Errorf("got %v and dropped %v, want %v and %v", kept, dropped, test.kept, test.dropped)
			}
		})
	}
}

func sameWords(a, b []string) bool {
	seen := map[string]int{}
	for _, w := range a {
		seen[w]++
	}
	for _, w := range b {
		seen[w]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestReadMakesCases(t *testing.T) {
	t.Parallel()
	source := tables(t, columns+"1,Severe,\n", header+"1,10,8.0,Spinal Canal Stenosis,L1/L2,322.831858,227.964602\n", series)
	found, err := source.Read(t.Context(), &Request{})
	if err != nil || len(found.Cases) != 1 {
		t.Fatalf("got %d cases and %v, want one", len(found.Cases), err)
	}
	c := found.Cases[0]
	if want := filepath.Join(string(source.Root), "train_images", "1", "10", "8.dcm"); c.Image != want || c.Point.X != 322.831858 || c.Point.Y != 227.964602 {
		t.Errorf("got %s at %v, want %s at (322.831858, 227.964602)", c.Image, *c.Point, want)
	}
	if c.Group != "1" || c.Series != "1/10" || c.Tags["series_type"] != "Sagittal T2/STIR" || c.Tags["level"] != "l1_l2" || c.Tags["side"] != "" {
		t.Errorf("got %+v, want study 1, series 1/10, a T2 series, level l1_l2, no side", c)
	}
}

func TestReadFiltersSeriesTypes(t *testing.T) {
	t.Parallel()
	source := tables(t, columns+"1,Severe,\n2,Severe,\n", header+"1,10,8,Spinal Canal Stenosis,L1/L2,1,1\n2,20,8,Spinal Canal Stenosis,L1/L2,1,1\n", series)
	source.SeriesTypes = []string{"Sagittal T1"}
	found, err := source.Read(t.Context(), &Request{})
	if err != nil || len(found.Cases) != 1 || found.Cases[0].Group != "2" {
		t.Errorf("got %v and %v, want the case on the T1 series alone", found.Cases, err)
	}
}

func TestReadNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, labels, points, series, want string }{
		{"no file", columns + "1,Severe,\n", "", series, "must hold train_label_coordinates.csv; have train.csv, train_series_descriptions.csv"},
		{"no column", columns, strings.Replace(header, ",x", ",X_mm", 1), series, "train_label_coordinates.csv: there is no column x; have study_id, series_id, instance_number, condition, level, X_mm, y"},
		{"no label column", strings.Replace(columns, "_l4_l5", "_l4l5", 1), header, series, "train.csv: there is no column spinal_canal_stenosis_l4_l5; have study_id"},
		{"ragged", columns + "1,Severe\n", header, series, "train.csv: line 2 has 2 cells, the header has 3"},
		{"column twice", "study_id,study_id\n", header, series, `train.csv: the column "study_id" is there twice`},
		{"a quote", columns + "1,\"Severe,\n", header, series, "train.csv: line 2, column 12: a quote stands alone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := tables(t, test.labels, test.points, test.series).Read(t.Context(), &Request{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	_, err := RSNA{Root: registry.Path(filepath.Join(t.TempDir(), "none"))}.Read(t.Context(), &Request{})
	if err == nil || !strings.Contains(err.Error(), "data.source.rsna.root") {
		t.Errorf("got %v, want an error that names the setting", err)
	}
}

func TestConfigFromYAML(t *testing.T) {
	t.Parallel()
	const text = `
source: {rsna: {root: ../data/rsna, conditions: [spinal_canal_stenosis]}}
sample: point
drop: {studies: [3008676218], rows_file: additional_drop.csv}
split: {by: study, stratify: [label], validation: 0.2, test: 0.1}
`
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	cfg := Default
	if problems := registry.Decode(&n, "/x/a.yaml", &cfg); len(problems) > 0 {
		t.Fatal(problems)
	}
	source := cfg.Source.Part.(RSNA)
	if source.Root != "/data/rsna" || cfg.Drop.Studies[0] != "3008676218" || cfg.Drop.RowsFile != "/x/additional_drop.csv" || cfg.Split.Test != 0.1 {
		t.Errorf("got %+v, want root /data/rsna, study 3008676218, rows file beside the YAML, test 0.1", cfg)
	}
	for _, bad := range []string{
		"source: {rsna: {root: a, conditions: [pain]}}", "source: {rsna: {root: a, levels: [l9]}}",
		"{source: {rsna: {root: a}}, split: {validation: 0.6, test: 0.5}}", "source: {rsna: {}}",
	} {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(bad), &n); err != nil {
			t.Fatal(err)
		}
		cfg := Default
		if problems := registry.Decode(&n, "a.yaml", &cfg); len(problems) == 0 {
			t.Errorf("%s: got no problem", bad)
		}
	}
}

// FuzzTables wants cases or an error from whatever lies in the tables.
func FuzzTables(f *testing.F) {
	wide := "study_id"
	for _, condition := range rsnaConditions {
		for _, level := range rsnaLevels {
			wide += "," + condition + "_" + level
		}
	}
	f.Add(wide+"\n1,Severe"+strings.Repeat(",Moderate", 24)+"\n", header+"1,10,8,Spinal Canal Stenosis,L1/L2,3,4\n", series)
	f.Add(columns+"1,Severe,\n", header+"1,10,8,Spinal Canal Stenosis,L1/L2,3,4\n", series)
	f.Add("\xef\xbb\xbf"+columns+"1,Severe,\r\n1,,\"a\"\"\"\r\n", header, series)
	f.Fuzz(func(t *testing.T, labels, points, series string) {
		files := map[string]string{"train.csv": labels, "train_label_coordinates.csv": points, "train_series_descriptions.csv": series}
		load := func(path string) ([]byte, error) { return []byte(files[filepath.Base(path)]), nil }
		found, err := newJoin(RSNA{Root: "none"}, &Request{}, load).read(t.Context())
		seen := map[string]bool{}
		for _, c := range found.Cases {
			if err != nil || seen[c.ID] || c.Label < 0 || c.Label > 2 || c.Point == nil {
				t.Errorf("got %+v with error %v", c, err)
			}
			seen[c.ID] = true
		}
	})
}
