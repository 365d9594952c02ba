package registry

import "fmt"

// Range is a stretch of numbers, both ends included. YAML writes it [low, high].
// Limits in tags hold for both ends.
type Range [2]float64

// Low is where the range begins.
func (r Range) Low() float64 { return r[0] }

// High is where the range ends.
func (r Range) High() float64 { return r[1] }

// Validate wants the ends in order.
func (r Range) Validate() error {
	if r[0] > r[1] {
		return fmt.Errorf("the range begins at %v and ends at %v; write the smaller number first", r[0], r[1])
	}
	return nil
}
