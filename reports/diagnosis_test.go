package reports

import (
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

func TestDiagnosisTable(t *testing.T) {
	t.Parallel()
	if v := diagnosisTable(&results.RunRecord{}); v != nil {
		t.Errorf("got %+v of a run without numbers", v)
	}
	v := diagnosisTable(&results.RunRecord{Scalars: []stage.Scalar{{Name: "calibration_error", Series: "validation", Epoch: stage.Final, Value: 0.2}}})
	if v == nil || len(v.Rows) != 1 || v.Rows[0][3].Text != "evaluate: {calibrate: temperature}" {
		t.Errorf("got %+v", v)
	}
}
