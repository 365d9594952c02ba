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
	mean, began := 0.0, processorTime(b)
	for b.Loop() {
		images, err := Run(b.Context(), stage.Env{Recorder: stage.Discard, Cache: b.TempDir(), Workers: runtime.GOMAXPROCS(0)}, asNotebook, cases)
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

// BenchmarkInMemory does no more than the notebook's loop: reads, decodes, scales and
// divides each file of the list, into memory. It hashes and stores nothing.
func BenchmarkInMemory(b *testing.B) {
	text, err := os.ReadFile(os.Getenv("VERTEBRA_INGEST"))
	if err != nil {
		b.Skip("VERTEBRA_INGEST names no list of files; see bench/ingest/run.sh")
	}
	files := strings.Fields(string(text))
	layout, err := Describe(asNotebook)
	if err != nil {
		b.Fatal(err)
	}
	allInMemory(b, files, layout) // not timed, as the notebook's first time
	total, began := uint64(0), processorTime(b)
	for b.Loop() {
		total = allInMemory(b, files, layout)
	}
	b.ReportMetric(float64(b.N*len(files))/b.Elapsed().Seconds(), "files/s")
	b.ReportMetric(1e6*(processorTime(b)-began)/float64(b.N*len(files)), "cpu-µs/file")
	b.ReportMetric(float64(total)/float64(len(files)*224*224)/65535, "mean")
}

func allInMemory(b *testing.B, files []string, layout Layout) (total uint64) {
	images := oneBlock(b, len(files)*layout.bytes())
	var memory []byte
	var spare spare
	for i, path := range files {
		p := &Picture{Case: stage.Case{Image: path}, spare: &spare, lazy: true}
		var err error
		if p.File, _, _, err = readInto(path, memory); err != nil {
			b.Fatal(err)
		}
		memory = p.File
		total += inMemory(b, p, layout, images[i*layout.bytes():][:layout.bytes()])
	}
	if err := unix.Munmap(images); err != nil {
		b.Fatal(err)
	}
	return total
}

// oneBlock is new memory for all images, in large pages where the system has them: to
// be given a hundred kilobytes in small ones takes as long as to scale an image.
func oneBlock(b *testing.B, size int) []byte {
	block, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		b.Fatal(err)
	}
	_ = unix.Madvise(block, 14) // MADV_HUGEPAGE of Linux; slower without, no more
	return block
}

// inMemory applies the steps as a worker does.
func inMemory(b *testing.B, p *Picture, layout Layout, image []byte) (sum uint64) {
	for _, step := range asNotebook {
		if _, takes := step.Part.(wordTaker); !takes {
			p.numbers()
		}
		if err := step.Part.Apply(p); err != nil {
			b.Fatal(err)
		}
	}
	p.numbers()
	_, sum, _, err := quantised(p, layout, image)
	if err != nil {
		b.Fatal(err)
	}
	p.spare.give(p.Pixels)
	return sum
}

// asNotebook is what the notebook does to an image.
var asNotebook = steps(Resize{Pixels: 224, By: "linear", Aspect: "stretch"}, Window{By: "maximum", Scope: "crop"})

// processorTime is what this process has used of all processors, in seconds, its
// share of the system's included.
func processorTime(b *testing.B) float64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
