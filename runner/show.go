package main

import (
	"context"
	"encoding/json"

	"vertebra/experiments"
)

// showCommand is runner show.
type showCommand struct {
	File string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set  []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	JSON bool     `help:"Write JSON: path, value, file and line of each setting."`
}

// Run prints the resolved experiment; each value says where it comes from.
func (c showCommand) Run(_ context.Context, w world) error {
	x, warnings, err := experiments.Explain(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	x.Shorten(w.dir)
	if c.JSON {
		encoder := json.NewEncoder(w.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(x.Values)
	}
	_, err = w.out.Write(x.YAML())
	return err
}
