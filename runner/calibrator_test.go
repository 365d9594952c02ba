package main

import (
	"strings"
	"testing"

	"vertebra/stages/evaluate"
)

func TestCalibratorOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]evaluate.Calibrator{
		"vector":    evaluate.Vector{},
		"threshold": evaluate.Threshold{Best: "f1", Least: 0.95},
		"threshold: {best: sensitivity, least: 0.9}":    evaluate.Threshold{Best: "sensitivity", Least: 0.9},
		" threshold : {best: youden, class: malignant}": evaluate.Threshold{Best: "youden", Least: 0.95, Class: "malignant"},
	} {
		got, err := calibratorOf("--by", text)
		if err != nil || got.Part != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"vektor":                           `--by: no calibrator "vektor"`,
		"threshold: {best: sensitivity":    "is no calibrator",
		"threshold: {best: sensitiviy}":    "sensitiviy",
		"threshold: {least: 2}":            "2",
		"vector, temperature":              "--by",
		"":                                 "--by",
		"a: &a [*a]":                       "--by",
		"threshold: {best: f1}}\nother: 3": "--by",
	} {
		if got, err := calibratorOf("--by", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %+v, %v; want %s", text, got, err, want)
		}
	}
}
