package audit

import (
	"testing"

	"vertebra/stages/stage"
)

func FuzzSourceTable(f *testing.F) {
	f.Add([]byte("image,label\na.png,1\nb.png,\n"), true)
	f.Add([]byte("image,label,x,y\na.png,1,3,4\n\"a,b\",1,NaN,\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, points bool) {
		source := plainTable
		if points {
			source.X, source.Y = "x", "y"
		}
		source.Root = "/nowhere"
		found, err := source.parse(t.Context(), &Request{}, data)
		seen := map[string]bool{}
		for _, c := range found.Cases {
			if err != nil || seen[c.ID] || c.Label < 0 || c.Label >= len(found.Classes) || points != (c.Point != nil) {
				t.Errorf("got %+v with error %v", c, err)
			}
			seen[c.ID] = true
		}
	})
}

// FuzzFindings: every case is of a finding that some cell lists, and says yes or no.
func FuzzFindings(f *testing.F) {
	f.Add([]byte("image,label\na.png,Edema|Mass\nb.png,\nc.png,None\n"), "|")
	f.Add([]byte("image,label\na.png,\"x, y,, x\"\n"), ",")
	f.Fuzz(func(t *testing.T, data []byte, separator string) {
		source := plainTable
		source.Root, source.Separator = "/nowhere", separator
		found, err := source.parse(t.Context(), &Request{}, data)
		for _, c := range found.Cases {
			if err != nil || c.Label < 0 || c.Label >= len(found.Classes) || separator != "" && (len(found.Classes) != 2 || c.Sample == "" || c.ID != c.Sample+"_"+c.Tags[stage.TargetTag]) {
				t.Errorf("got %+v with error %v", c, err)
			}
		}
	})
}

func FuzzRowsFile(f *testing.F) {
	f.Add([]byte("study_id,series_id\n1,2\n,3.0\n"))
	f.Add([]byte("row\nx\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := wishList{wishes{}, wishes{}, wishes{}}
		if err := l.read(data); err != nil {
			return
		}
		for _, w := range []wishes{l.studies, l.series, l.rows} {
			if _, ok := w[""]; ok {
				t.Error("got an empty id")
			}
		}
	})
}
