package audit

import (
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// listSeries finds a series' files: the name is the instance number, which may
// begin anywhere and have gaps.
func listSeries(root, key, study, kind string) Series {
	s := Series{Key: key, Study: study, Type: kind}
	folder := filepath.Join(root, filepath.FromSlash(key))
	entries, _ := os.ReadDir(folder) // a folder that is not there leaves cases without image
	for _, e := range entries {
		name, isDICOM := strings.CutSuffix(e.Name(), ".dcm")
		if n, err := strconv.Atoi(name); err == nil && isDICOM {
			s.Files = append(s.Files, File{Path: filepath.Join(folder, e.Name()), Instance: n})
		}
	}
	sort.Slice(s.Files, func(i, j int) bool { return s.Files[i].Instance < s.Files[j].Instance })
	return s
}
