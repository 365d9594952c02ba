package main

import (
	"context"
	"math"
	"runtime/debug"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// sparingMemory is what tables and headers should fit into, in bytes, while they are
// read: with libtorch's libraries that is some 850 MB. The 147,218 files of RSNA 2024
// with 111,500 labelled points need 244 MB of it, the garbage not counted.
const sparingMemory = 600 << 20

// sparing has garbage collected sooner than usual where a data set is so large that it
// would double what the process takes. The function it gives ends that: a data set that
// does need more must not slow down all that follows. GOMEMLIMIT has the last word.
func sparing() (end func()) {
	before := debug.SetMemoryLimit(-1)
	if before != math.MaxInt64 {
		return func() {}
	}
	debug.SetMemoryLimit(sparingMemory)
	return func() { debug.SetMemoryLimit(before) }
}

// readData is audit.Run, sparing memory.
func readData(ctx context.Context, env stage.Env, data audit.Config) (audit.Cases, error) {
	defer sparing()()
	return audit.Run(ctx, env, data)
}
