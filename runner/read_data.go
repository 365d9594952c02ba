package main

import (
	"context"

	"vertebra/stages/audit"
	"vertebra/stages/memory"
	"vertebra/stages/stage"
)

// readData is audit.Run, sparing memory.
func readData(ctx context.Context, env stage.Env, data audit.Config) (audit.Cases, error) {
	defer memory.Sparing()()
	return audit.Run(ctx, env, data)
}
