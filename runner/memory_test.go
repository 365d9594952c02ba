package main

import (
	"math"
	"runtime/debug"
	"testing"
)

// TestSparing is not parallel: the limit is of the whole process.
func TestSparing(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	outer := sparing()
	inner := sparing()
	if got := limit(); got != sparingMemory {
		t.Errorf("the limit is %d, want %d", got, sparingMemory)
	}
	if inner(); limit() != sparingMemory {
		t.Error("the inner end has ended the outer one")
	}
	if outer(); limit() != math.MaxInt64 {
		t.Errorf("afterwards the limit is %d, want none", limit())
	}
	debug.SetMemoryLimit(1 << 40) // as GOMEMLIMIT does
	if end := sparing(); limit() != 1<<40 {
		t.Error("what the user has set is overruled")
	} else {
		end()
	}
}
