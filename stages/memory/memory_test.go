package memory

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// TestSparing is not parallel: the limit is of the whole process.
func TestSparing(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	outer := Sparing()
	inner := Sparing()
	set := limit()
	if set < sparingMemory || set == math.MaxInt64 {
		t.Errorf("the limit is %d, want at least %d", set, sparingMemory)
	}
	if inner(); limit() != set {
		t.Error("the inner end has ended the outer one")
	}
	if outer(); limit() != math.MaxInt64 {
		t.Errorf("afterwards the limit is %d, want none", limit())
	}
	debug.SetMemoryLimit(1 << 40) // as GOMEMLIMIT does
	if end := Sparing(); limit() != 1<<40 {
		t.Error("what the user has set is overruled")
	} else {
		end()
	}
}

// TestFreeMemory: what is free is what the machine says, or less where a container limits it.
func TestFreeMemory(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal:       24000000 kB\nMemAvailable:   16000000 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"another system": {nil, 0},
		"machine":        {map[string]string{"proc/meminfo": meminfo}, 16000000 << 10},
		"no limit":       {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "5\n"}, 16000000 << 10},
		"container":      {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "4000\n", "sys/fs/cgroup/memory.current": "1000\n"}, 3000},
		"full":           {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "4000\n", "sys/fs/cgroup/memory.current": "5000\n"}, 0},
		"older":          {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory/memory.limit_in_bytes": "9000\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n"}, 8000},
		"nonsense":       {map[string]string{"proc/meminfo": "MemAvailable: much", "sys/fs/cgroup/memory.max": "?"}, 0},
	} {
		root := t.TempDir()
		for file, text := range c.files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := freeMemory(root); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
