//go:build !linux

package results

// Warning says what is unsafe about the place of the file, or "". Only Linux
// tells network drives from local ones here.
func (db *DB) Warning() string { return "" }
