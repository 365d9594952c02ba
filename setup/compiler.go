package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// compiler is the C++ compiler that Go is told of. gotch puts -std=c++17 behind
// every flag from outside; where that is too old, a script puts another behind it.
func (b build) compiler(folder string) string {
	if b.Lib.Standard == "" {
		return b.Tools.CXX
	}
	return filepath.Join(folder, "c++")
}

func (b build) writeCompiler(folder string) error {
	if b.Lib.Standard == "" {
		return nil
	}
	path := b.compiler(folder)
	if err := replace(path, fmt.Sprintf("#!/bin/sh\nexec %s \"$@\" -std=%s\n", b.Tools.CXX, b.Lib.Standard)); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o755); err != nil {
		return fmt.Errorf("the compiler's script: %w", err)
	}
	return nil
}
