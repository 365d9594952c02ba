package audit

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// auditKnown runs the audit on a table with columns image, label and others.
func auditKnown(t *testing.T, known Known, change func(*Config), table string) (Cases, error) {
	t.Helper()
	dir := pictures(t, 4)
	if err := os.WriteFile(filepath.Join(dir, "cases.csv"), []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	part, _ := Sources.Default("table")
	source := part.Part.(Table)
	source.File = registry.Path(filepath.Join(dir, "cases.csv"))
	cfg := Default
	cfg.Source, cfg.Covariates, cfg.Split = registry.One[Source]{Name: "table", Part: source}, known, Split{By: "row"}
	if change != nil {
		change(&cfg)
	}
	return Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
}

const patientTable = "image,label,sex,age\na.png,x,f,40\nb.png,y,m,\nc.png,x,NA,61.5\nd.png,y,f,NA\n"

func TestCovariatesOfATable(t *testing.T) {
	t.Parallel()
	known := Known{Categories: []string{"sex"}, Numbers: []string{"age"}}
	cases, err := auditKnown(t, known, nil, patientTable)
	if err != nil {
		t.Fatal(err)
	}
	if want := (stage.Covariates{{Name: "sex", Values: []string{"f", "m"}}, {Name: "age"}}); !reflect.DeepEqual(cases.Covariates, want) {
		t.Errorf("covariates %v, want %v", cases.Covariates, want)
	}
	if got, want := cases.Covariates.Row(cases.Cases[2].Tags), []float32{0, 0, 61.5, 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("the third is %v, want %v", got, want)
	}
	plain, err := auditKnown(t, Known{}, nil, patientTable)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Fingerprint != cases.Fingerprint || plain.Identity() != plain.Fingerprint || cases.Identity() == cases.Fingerprint {
		t.Error("the fingerprint is that of the images, the identity that of what a net is given")
	}
	older, err := auditKnown(t, known, nil, strings.Replace(patientTable, "61.5", "62", 1))
	if err != nil || older.Identity() == cases.Identity() {
		t.Errorf("another age is another identity (%v)", err)
	}
}

// TestCovariatesIfThere: what a net is asked about may lack them.
func TestCovariatesIfThere(t *testing.T) {
	t.Parallel()
	known := Known{Categories: []string{"sex", "Modality"}, Numbers: []string{"height", "age"}}.IfThere()
	cases, err := auditKnown(t, known, func(cfg *Config) { cfg.Headers = []string{"Modality"} }, "image,label,age\na.png,x,\nb.png,y,old\n")
	if err != nil || len(cases.Cases) != 2 || cases.Cases[1].Tags["age"] != "old" {
		t.Errorf("got %+v, %v", cases.Cases, err)
	}
}

// TestOrderOfValues is one order, whatever words a column has.
func TestOrderOfValues(t *testing.T) {
	t.Parallel()
	for range 20 { // maps have no order
		cases, err := auditKnown(t, Known{Categories: []string{"grade"}}, nil, "image,label,grade\na.png,x,NAN\nb.png,x,10\nc.png,y,9\nd.png,y,1\n")
		if want := []string{"1", "9", "10", "NAN"}; err != nil || !reflect.DeepEqual(cases.Covariates[0].Values, want) {
			t.Fatalf("got %+v, %v, want %q", cases.Covariates, err, want)
		}
	}
}

func TestBadCovariates(t *testing.T) {
	t.Parallel()
	long := "image,label,who\n"
	for _, c := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		long += "a.png,x," + c + "\n"
	}
	targets := func(cfg *Config) {
		table := cfg.Source.Part.(Table)
		table.Labels = []string{"label", "other"}
		cfg.Source.Part, cfg.Label = table, all
	}
	for _, c := range []struct {
		known  Known
		change func(*Config)
		table  string
		want   string
	}{
		{Known{Numbers: []string{"aeg"}}, nil, patientTable, `data.covariates.numbers.0: cases.csv has no column "aeg"`},
		{Known{Numbers: []string{"sex"}}, nil, patientTable, `data.covariates.numbers.0: sex of a.png is "f", which is no number`},
		{Known{Categories: []string{"age"}}, nil, "image,label,age\na.png,x,\n", "data.covariates.categories.0: age is known of no case"},
		{Known{Numbers: []string{"age"}}, nil, "image,label,age\na.png,x,NA\n", "data.covariates.numbers.0: age is known of no case"},
		{Known{Categories: []string{"who"}}, nil, long, "data.covariates.categories.0: who has 26 values in 26 samples: it names them"},
		{Known{Categories: []string{"target"}}, targets, "image,label,other\na.png,x,y\nb.png,y,x\n", "the answers that are asked of a.png differ in target"},
	} {
		_, err := auditKnown(t, c.known, c.change, c.table)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %s", c.known, err, c.want)
		}
	}
	if err := (Known{Categories: []string{"sex"}, Numbers: []string{"sex"}}).Validate(); err == nil {
		t.Error("one that is both is taken")
	}
}
