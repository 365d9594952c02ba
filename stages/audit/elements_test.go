package audit

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestElementsAreTags of points, and of the levels and series that are made of them.
func TestElementsAreTags(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{"point", "level", "series", "study"} {
		cfg := config(sharedFolder(t))
		cfg.Sample, cfg.Headers = sample, []string{"Modality", "BodyPartExamined", "SeriesDescription"}
		cfg.Split.By = "BodyPartExamined" // no column of a table: all are of one, so that nothing can be divided
		_, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err == nil || !strings.Contains(err.Error(), "too few groups of equal BodyPartExamined: there are 1") {
			t.Errorf("%s: got %v", sample, err)
		}
		cfg.Split.By, cfg.Covariates = "study", Known{Categories: []string{"Modality"}}
		cases, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases.Cases {
			if c.Tags["Modality"] != "MR" || c.Tags["BodyPartExamined"] != "LSPINE" || sample == "point" && c.Tags["SeriesDescription"] == "" {
				t.Errorf("%s: the tags of %s are %v", sample, c.ID, c.Tags)
				break
			}
		}
	}
}

func TestBadElements(t *testing.T) {
	t.Parallel()
	for keyword, want := range map[string]string{
		"Manufactuer":  `data.headers.0: no element "Manufactuer" is read as a tag; did you mean Manufacturer`,
		"PatientName":  `data.headers.0: no element "PatientName" is read as a tag`,
		"ViewPosition": "data.headers.0: no image says ViewPosition",
	} {
		cfg := config(sharedFolder(t))
		cfg.Headers = []string{keyword}
		_, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestAges are in years, as numbers want them.
func TestAges(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"054Y": "54", "018M": "1.5", "010D": "0.02738", "026W": "0.4983", "054": "054", "old": "old", "": "", "Y": "Y", "-10Y": "-10Y"} {
		if got := valueOf("PatientAge", value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
	if got := valueOf("Manufacturer", "054Y"); got != "054Y" {
		t.Errorf("a maker became %q", got)
	}
}
