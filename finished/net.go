package finished

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vertebra/stages/explain"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Net are the weights of a net, and the number of its fold; 0 of the only one.
type Net struct {
	train.Weights
	Fold int
	// Outliers is a file that knows what the images of its training are like; nil where nobody asked.
	Outliers train.Weights
	probe    []float32 // what the net says of noise; nil where nobody kept that
	bytes    int64     // of the weights; 0 where nobody says
}

// holds wants the weights to be as many as the net's, before a net is made that may be larger
// than any machine. Sketches of nets whose size depends on that of images may be off by some.
func (n Net) holds(o model.Outline) error {
	wanted := int64(0)
	for _, p := range o.Parameters {
		wanted += 4 * p.Elements
	}
	if n.bytes == 0 || wanted/2 <= n.bytes {
		return nil
	}
	name, err := n.Find()
	return errors.Join(err, stage.Fault{Err: fmt.Errorf("%s has %d bytes, and the net of its experiment wants %d", name, n.bytes, wanted),
		Hint: "experiment and weights are of different nets: get the package again from whoever wrote it"})
}

// Tried wants a net to compute what it did where its probe was kept. In fp32 machines differ
// by the order of sums, which is far below a hundredth.
func (n Net) Tried(ctx context.Context, net *model.Net, shape preprocess.Shape) error {
	if n.probe == nil {
		return nil
	}
	logits, err := train.Probe(ctx, net, shape)
	if err != nil {
		return err
	}
	if far := train.Differ(logits, n.probe); !(far <= 0.01) {
		name, err := n.Find()
		return errors.Join(err, stage.Fault{Err: fmt.Errorf("%s: the net computes something else here than where it was packed: its answers to images of noise differ by %.2g of the largest", name, far),
			Hint: "use the program and the libtorch that runner show FILE.zip --json names, and see whether runner doctor finds fault with this device"})
	}
	return nil
}

// aFile is a file as nets have some beside their weights.
type aFile string

// Find gives its path.
func (f aFile) Find() (string, error) { return string(f), nil }

// Read reads it.
func (f aFile) Read() ([]byte, error) { return os.ReadFile(string(f)) }

// outliersIn finds what a training in a folder has learnt of its images; nil where nothing.
func outliersIn(folder string) train.Weights {
	path := filepath.Join(folder, explain.OutliersFile)
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	return aFile(path)
}
