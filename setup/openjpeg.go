package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// openjpeg sees to the library that decodes JPEG 2000 images, which the program
// opens when it meets one. Without it everything else works, so nothing here is
// an error.
func openjpeg(ctx context.Context, h host, out io.Writer) {
	triplet, _ := h.Run(ctx, "gcc", "-print-multiarch")
	for _, dir := range []string{filepath.Join("/usr/lib", strings.TrimSpace(triplet)), "/usr/lib64", "/usr/local/lib", "/lib64"} {
		if h.Exists(filepath.Join(dir, "libopenjp2.so.7")) {
			return
		}
	}
	command := []string{"apt-get", "install", "-y", "-q", "libopenjp2-7"}
	note := "setup: JPEG 2000 images cannot be read without OpenJPEG; as root: " + strings.Join(command, " ")
	if _, err := h.Run(ctx, "apt-get", "--version"); err != nil {
		fmt.Fprintln(out, "setup: JPEG 2000 images cannot be read without OpenJPEG (libopenjp2.so.7)")
		return
	}
	if !h.Root() {
		if _, err := h.Run(ctx, "sudo", "-n", "true"); err != nil {
			fmt.Fprintln(out, note)
			return
		}
		command = append([]string{"sudo", "-n"}, command...)
	}
	if _, err := h.Run(ctx, command[0], command[1:]...); err != nil {
		fmt.Fprintf(out, "%s\n  (%v)\n", note, err)
	}
}
