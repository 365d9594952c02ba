package stage

import (
	"strconv"
	"strings"
)

// FramePath names one frame of a file of several, the first of which is 1:
// "heart.dcm#3". Paths of images may be such names wherever cases have them.
func FramePath(file string, frame int) string { return file + "#" + strconv.Itoa(frame) }

// ParseFramePath takes such a name apart; frame is 0 for a path without one.
func ParseFramePath(path string) (file string, frame int) {
	at := strings.LastIndexByte(path, '#')
	if at <= 0 || at == len(path)-1 || path[at+1] == '0' || len(path)-at > 8 {
		return path, 0
	}
	n, err := strconv.ParseUint(path[at+1:], 10, 32)
	if err != nil {
		return path, 0
	}
	return path[:at], int(n)
}
