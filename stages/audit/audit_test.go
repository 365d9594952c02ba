package audit

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

type memory struct {
	sync.Mutex
	records []stage.Record
}

func (m *memory) Record(_ context.Context, r ...stage.Record) error {
	m.Lock()
	defer m.Unlock()
	m.records = append(m.records, r...)
	return nil
}

func (m *memory) Progress(stage.Progress) {}

// data writes a synthetic set and gives the configuration that reads it.
func data(t *testing.T, studies int, defects ...string) (Config, synth.Summary, string) {
	t.Helper()
	root := t.TempDir()
	s, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: studies, Size: 48, Defects: defects})
	if err != nil {
		t.Fatal(err)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "rsna", Part: RSNA{Root: registry.Path(root)}}
	return cfg, s, root
}

func env(seed uint64) stage.Env { return stage.Env{Recorder: &memory{}, Workers: 2, Seed: seed} }

func run(t *testing.T, cfg Config, seed uint64) Cases {
	t.Helper()
	c, err := Run(t.Context(), env(seed), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPlantedDefectsAreFound: each rule names the row that was spoiled.
func TestPlantedDefectsAreFound(t *testing.T) {
	rules := map[string]string{
		"point_without_label": "empty label", "label_without_point": "label without point",
		"canal_on_t1": "canal point on another series than T2", "swapped_sides": "left and right subarticular swapped",
		"same_slice": "left and right foraminal on one slice", "two_axial_series": "left and right subarticular in different series",
		"empty_labels": "empty label", "missing_file": "missing image", "truncated_file": "unreadable image",
		"point_outside": "point outside the image", "missing_series": "label without point", "no_coordinates": "label without point",
	}
	cfg, summary, _ := data(t, len(synth.DefectNames())+3, synth.DefectNames()...)
	c := run(t, cfg, 1)
	all := append(append([]Dropped{}, c.Dropped...), c.Findings...)
	for _, p := range summary.Planted {
		rule, ok := rules[p.Defect]
		if !ok {
			continue // no row is wrong: the data is merely unusual
		}
		prefix := p.Study + "_"
		if p.Row != "" {
			prefix = p.Row
		}
		if !found(all, rule, prefix) {
			t.Errorf("%s: no %q that begins with %s", p.Defect, rule, prefix)
		}
	}
	if n := len(c.Cases); n != len(uniqueIDs(c.Cases)) {
		t.Errorf("%d cases share ids", n)
	}
}

func found(all []Dropped, rule, prefix string) bool {
	for _, d := range all {
		for _, id := range d.IDs {
			if d.Rule == rule && strings.HasPrefix(id, prefix) {
				return true
			}
		}
	}
	return false
}

func uniqueIDs(cases []stage.Case) map[string]bool {
	ids := map[string]bool{}
	for _, c := range cases {
		ids[c.ID] = true
	}
	return ids
}

func TestSplitKeepsStudiesWholeAndSharesAlike(t *testing.T) {
	cfg, _, _ := data(t, 20)
	cfg.Split.Test = 0.2
	c := run(t, cfg, 1)
	place, counts := map[string]stage.Split{}, map[stage.Split][3]float64{}
	for _, one := range c.Cases {
		if old, ok := place[one.Group]; ok && old != one.Split {
			t.Fatalf("study %s is in %s and %s", one.Group, old, one.Split)
		}
		place[one.Group] = one.Split
		k := counts[one.Split]
		k[one.Label]++
		counts[one.Split] = k
	}
	n := float64(len(c.Cases))
	for split, share := range map[stage.Split]float64{stage.Train: 0.6, stage.Validation: 0.2, stage.Test: 0.2} {
		k := counts[split]
		if got := (k[0] + k[1] + k[2]) / n; got < share-0.06 || got > share+0.06 {
			t.Errorf("%s holds %.2f of the cases, want %.2f", split, got, share)
		}
		if k[2] == 0 {
			t.Errorf("%s has no severe case: %v", split, k)
		}
	}
	if again := run(t, cfg, 1); again.Fingerprint != c.Fingerprint || !reflect.DeepEqual(again.Cases, c.Cases) {
		t.Error("one seed gave two splits")
	}
	if other := run(t, cfg, 2); other.Fingerprint == c.Fingerprint {
		t.Error("another seed gave the same split")
	}
}

func TestDropsOnRequest(t *testing.T) {
	cfg, _, _ := data(t, 6)
	c := run(t, cfg, 1)
	cfg.Drop = Drop{Studies: []string{c.Cases[0].Group, "12"}, Rows: []string{c.Cases[len(c.Cases)-1].ID}}
	e := env(1)
	less, err := Run(t.Context(), e, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Cases) - len(less.Cases); got != 26 {
		t.Errorf("%d cases were dropped, want 25 of a study and a row", got)
	}
	first, _ := e.Recorder.(*memory).records[0].(stage.Event)
	if !strings.Contains(first.Text, "the study 12 is in no case") {
		t.Errorf("got %+v, want a warning about study 12", first)
	}
}

func TestFingerprintDoesNotKnowWhereTheDataLies(t *testing.T) {
	a, _, _ := data(t, 4)
	b, _, _ := data(t, 4)
	if x, y := run(t, a, 1).Fingerprint, run(t, b, 1).Fingerprint; x != y {
		t.Errorf("%s in one folder, %s in another", x, y)
	}
}

func TestMessages(t *testing.T) {
	cfg, _, root := data(t, 2)
	check := func(want string) {
		t.Helper()
		if _, err := Run(t.Context(), env(1), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	few := cfg
	cfg.Split.Test = 0.2
	check("2 studies cannot fill 3 splits")
	cfg = few
	labels := filepath.Join(root, "train.csv")
	text, _ := os.ReadFile(labels)
	if err := os.WriteFile(labels, []byte(strings.Replace(string(text), "study_id", "patient", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	check(`train.csv: there is no column "study_id"; have patient, spinal_canal_stenosis_l1_l2`)
	os.Remove(labels)
	check("the folder must hold train.csv")
	cfg.Source.Part = RSNA{Root: "nowhere"}
	check("runner data synth nowhere")
}

func TestTables(t *testing.T) {
	got, err := parseTable([]byte("\xef\xbb\xbfa, b\r\n1,2\r\n"))
	if err != nil || !reflect.DeepEqual(got.rows, []map[string]string{{"a": "1", "b": "2"}}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSharingByHand(t *testing.T) {
	c := func(image string, label int) stage.Case { return stage.Case{Image: image, Label: label} }
	got := share([]stage.Case{c("a", 0), c("a", 0), c("a", 2), c("b", 1)})
	if want := (sharing{Images: 2, Shared: 0.75, Conflicting: 0.75, Ceiling: 0.75}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\xef\xbb\xbfa\n\"x\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = parseTable(data) })
}
