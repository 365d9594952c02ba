package main

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"vertebra/stages/evaluate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// calibratorOf reads what a flag says of a calibrator, as evaluate.calibrate is written: a name, or
// one with settings such as threshold: {best: sensitivity}.
func calibratorOf(flag, text string) (*registry.One[evaluate.Calibrator], error) {
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("calibrate: {"+text+"}"), &node); err != nil {
		return nil, stage.Fault{Err: fmt.Errorf("%s %q is no calibrator", flag, text), Hint: "name one, such as vector, or with settings: 'threshold: {best: sensitivity}'"}
	}
	if of := node.Content[0].Content[1]; len(of.Content) == 2 && of.Content[1].Tag == "!!null" { // a name alone
		node.Content[0].Content[1] = of.Content[0]
	}
	var into struct {
		Calibrate *registry.One[evaluate.Calibrator] `help:"how probabilities are calibrated"`
	}
	if problems := registry.Decode(&node, flag, &into); len(problems) > 0 {
		return nil, stage.Fault{Err: fmt.Errorf("%s: %s", flag, problems[0].Text), Hint: problems[0].Hint}
	}
	if into.Calibrate == nil {
		return nil, stage.Fault{Err: fmt.Errorf("%s names no calibrator", flag), Hint: registry.Suggest(text, evaluate.Calibrators.Names())}
	}
	return into.Calibrate, nil
}
