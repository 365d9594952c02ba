// Package memory keeps a process that reads tables and headers from taking more of the machine's
// memory than it has to spare.
package memory

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
)

// sparingMemory is what tables and headers should fit into, in bytes, while they are
// read, where the machine has no more to spare: with libtorch's libraries that is some
// 850 MB. The 147,218 files of RSNA 2024 with 111,500 labelled points need 244 MB of it, the
// garbage not counted; 60,000 chest films with 13 findings each, 350 MB, and in 600 MB they
// took three times as long as in 4 GB.
const sparingMemory = 600 << 20

// spareMemory is sparingMemory, or a quarter of what is free if that is more.
func spareMemory() int64 { return max(sparingMemory, freeMemory("/")/4) }

// freeMemory is how many bytes a process may still take of the machine, or of the container
// that it runs in; 0 where nothing says it. Files are those of Linux, below root.
func freeMemory(root string) int64 {
	free := int64(0)
	if text, err := os.ReadFile(filepath.Join(root, "proc/meminfo")); err == nil {
		if m := regexp.MustCompile(`(?m)^MemAvailable: +([0-9]+) kB`).FindSubmatch(text); m != nil {
			kilobytes, _ := strconv.ParseInt(string(m[1]), 10, 64) // digits
			free = kilobytes << 10
		}
	}
	for _, group := range [][2]string{{"memory.max", "memory.current"}, {"memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"}} {
		most, limited := numberIn(filepath.Join(root, "sys/fs/cgroup", group[0]))
		used, known := numberIn(filepath.Join(root, "sys/fs/cgroup", group[1]))
		if limited && known {
			free = min(free, max(0, most-used))
		}
	}
	return free
}

// numberIn reads a file that holds one.
func numberIn(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil // "max" is none
}

// Sparing has garbage collected sooner than usual where a data set is so large that it
// would double what the process takes. The function it gives ends that: a data set that
// does need more must not slow down all that follows. GOMEMLIMIT has the last word.
func Sparing() (end func()) {
	before := debug.SetMemoryLimit(-1)
	if before != math.MaxInt64 {
		return func() {}
	}
	debug.SetMemoryLimit(spareMemory())
	return func() { debug.SetMemoryLimit(before) }
}
