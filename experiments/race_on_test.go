//go:build race

package experiments

// The race detector allocates several times as much.
const raceFactor = 5
