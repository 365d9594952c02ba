//go:build !race

package experiments

const raceFactor = 1
