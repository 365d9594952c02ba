package model

import (
	"encoding/json"
	"os"
	"testing"
)

// readReference reads what a script beside it wrote: the numbers of another library.
func readReference(t testing.TB, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
