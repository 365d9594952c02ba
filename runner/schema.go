package main

import (
	"context"

	"vertebra/experiments"
)

// schemaCommand is runner schema.
type schemaCommand struct{}

// Run writes the JSON Schema of experiment files, for editors.
func (schemaCommand) Run(_ context.Context, w world) error {
	text, err := experiments.Schema()
	if err != nil {
		return err
	}
	_, err = w.out.Write(text)
	return err
}
