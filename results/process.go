package results

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// owner is the process that writes a run.
type owner struct {
	host  string
	pid   int
	token string // see processToken
	lives string // the file of locks of the database that is looked at
}

// self describes this process.
func self() (owner, error) {
	host, err := os.Hostname()
	if err != nil {
		return owner{}, fmt.Errorf("name of this machine: %w", err)
	}
	pid := os.Getpid()
	return owner{host: host, pid: pid, token: processToken(pid)}, nil
}

// gone says whether the process has certainly ended. Of another machine that
// cannot be said.
func (o owner) gone(here owner) bool {
	if o.host != here.host {
		return false
	}
	process, err := os.FindProcess(o.pid)
	if err != nil {
		return true
	}
	if err := process.Signal(syscall.Signal(0)); errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return true
	}
	// The number is in use; by the same process?
	now := processToken(o.pid)
	was := strings.TrimSuffix(o.token, lifeMark)
	return was != "" && now != "" && now != was
}

// processToken differs between two processes that had the same number: the
// start of the machine and the start of the process, in clock ticks after that
// (proc(5), field 22 of stat). It is empty where there is no /proc.
func processToken(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// Field 2 is the name in brackets, and may hold spaces and brackets.
	after := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(after) < 20 {
		return ""
	}
	if after[0] == "Z" || after[0] == "X" {
		return "ended"
	}
	return strings.TrimSpace(string(boot)) + "/" + after[19]
}
