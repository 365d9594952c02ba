//go:build unix

package results

import "golang.org/x/sys/unix"

// writable asks for this process, and knows of drives that can only be read.
func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }
