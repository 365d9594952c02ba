package stage

import (
	"os"
	"strings"
	"testing"
)

func TestCannotWrite(t *testing.T) {
	t.Parallel()
	_, open := os.Open("/nowhere/.temporary-1")
	for _, err := range []error{open, os.Rename("/nowhere/.temporary-1", "/nowhere/else")} {
		got := CannotWrite("net.onnx", err).Error()
		if !strings.HasPrefix(got, "net.onnx cannot be written: no such file or directory\n") || strings.Contains(got, "temporary") {
			t.Errorf("got %s", got)
		}
	}
}
