package preprocess

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// BenchmarkIngest makes an image of each file of a list, as the notebook does;
// bench/ingest/run.sh compares it with that.
func BenchmarkIngest(b *testing.B) {
	list := os.Getenv("VERTEBRA_INGEST")
	if list == "" {
		b.Skip("VERTEBRA_INGEST names no list of files; see bench/ingest/run.sh")
	}
	text, err := os.ReadFile(list)
	if err != nil {
		b.Fatal(err)
	}
	cases := audit.Cases{Classes: []string{"all"}, Series: map[string]audit.Series{}}
	for i, path := range strings.Fields(string(text)) {
		series := filepath.Dir(path)
		s := cases.Series[series]
		s.Files = append(s.Files, audit.File{Path: path})
		cases.Series[series] = s
		cases.Cases = append(cases.Cases, stage.Case{ID: fmt.Sprint(i), Image: path, Series: series, Split: stage.Train})
	}
	cfg := steps(Resize{Pixels: 224, By: "linear", Aspect: "stretch"}, Window{By: "maximum", Scope: "crop"})
	mean, began := 0.0, processorTime(b)
	for b.Loop() {
		images, err := Run(b.Context(), stage.Env{Recorder: stage.Discard, Cache: b.TempDir(), Workers: runtime.GOMAXPROCS(0)}, cfg, cases)
		if err != nil {
			b.Fatal(err)
		}
		if images.Len() != len(cases.Cases) {
			b.Fatalf("%d of %d files became images", images.Len(), len(cases.Cases))
		}
		mean = images.Mean[stage.Train]
		images.Close()
	}
	b.ReportMetric(float64(b.N*len(cases.Cases))/b.Elapsed().Seconds(), "files/s")
	b.ReportMetric(1e6*(processorTime(b)-began)/float64(b.N*len(cases.Cases)), "cpu-µs/file")
	b.ReportMetric(mean, "mean")
}

// processorTime is what this process has used of all processors, in seconds, its
// share of the system's included.
func processorTime(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
