package model

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vertebra/stages/internal/download"
	"vertebra/stages/stage"
)

// Release is a published file of weights. Names and sizes of torchvision's are those of
// torchvision.models.get_model_weights(backbone).
type Release struct {
	Word   string // what an experiment says in place of a path
	File   string // as torch.hub keeps it; torchvision's holds the beginning of its SHA-256
	MiB    float64
	SHA256 string // of a file whose name says nothing of it
	By     string // who publishes it; "" is torchvision
	Site   string // the address of the folder it is in; "" is Torchvision
	// Mean and Std are of the pixels that they were trained for; nil are ImageNet's, the default.
	Mean, Std []float64
}

// Torchvision is the address below which torchvision's weights are.
const Torchvision = "https://download.pytorch.org/models"

// Published is a backbone with released weights. Its setting Weights takes their words.
type Published interface{ Releases() []Release }

// Release is what the backbone's weights stand for where they are a word; false where they
// are a path, or none.
func (c Config) Release() (Release, bool) {
	return releaseOf(c.Backbone.Part, string(c.Backbone.Part.File()))
}

// releaseOf finds the release of a backbone by its word.
func releaseOf(b Backbone, word string) (Release, bool) {
	published, ok := b.(Published)
	if !ok {
		return Release{}, false
	}
	releases := published.Releases()
	i := slices.IndexFunc(releases, func(r Release) bool { return r.Word == word })
	if i < 0 {
		return Release{}, false
	}
	return releases[i], true
}

// Find gives the path of the release in a folder. The error is fs.ErrNotExist where it is
// not there, and one with a hint where its content is not what its name says.
func (r Release) Find(folder string) (string, error) {
	path := filepath.Join(folder, r.File)
	err := download.Verify(path, r.SHA256)
	if damaged := (download.Damaged{}); errors.As(err, &damaged) {
		err = stage.Fault{Err: err, Hint: "delete it: the next run downloads it anew"}
	}
	return path, err
}

// WeightsSum says what the weights are that a net begins with, whatever the place they lie
// in: the name of a release, of which there is one content, or the SHA-256 of a file, of a run's
// folder those of all folds; "" where they are drawn.
func (c Config) WeightsSum() (string, error) {
	path := string(c.Backbone.Part.File())
	if r, ok := c.Release(); ok || path == "" {
		return r.File, nil
	}
	file, _ := splitWeights(path)
	files, err := allOfRun(file)
	if err != nil {
		return "", err
	}
	var sums []string
	for _, file := range files {
		sum, err := download.Sum(file)
		if err != nil {
			return "", err
		}
		sums = append(sums, sum)
	}
	return "sha256 " + strings.Join(sums, " "), nil
}

// FetchWeights looks for the weights that a net begins with, and downloads those that are
// named by a word and not in env.Pretrained yet: early, since whoever waits for hours of
// preprocessing wants to know before that they cannot be had.
func FetchWeights(ctx context.Context, env stage.Env, cfg Config) error {
	if err := cfg.WeightsFile(env.Fold); err != nil && len(foldsIn(string(cfg.Backbone.Part.File()))) == 0 {
		return err // whether a fold lacks its net is told where folds are known
	}
	r, ok := cfg.Release()
	if !ok {
		return nil
	}
	_, err := r.Find(env.Pretrained)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := r.Fetch(ctx, env); err != nil {
		return err
	}
	return env.Recorder.Record(ctx, stage.Event{Level: "info", Stage: "model",
		Text: fmt.Sprintf("weights %s downloaded from %s to %s", r.File, r.folder(env.PretrainedURL), env.Pretrained)})
}

// WeightsFile wants the file that the backbone's weights are to be read from to be there, for each
// of the folds, of which 0 is none; what is downloaded need not be.
func (c Config) WeightsFile(folds ...int) error {
	path := string(c.Backbone.Part.File())
	if _, ok := c.Release(); ok || path == "" {
		return nil
	}
	for _, fold := range folds {
		if err := readable(c.Backbone.Part, path, fold); err != nil {
			return err
		}
	}
	return nil
}

func readable(b Backbone, path string, fold int) error {
	file, _ := splitWeights(path)
	file, err := ofRun(file, fold)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return stage.Fault{Err: fmt.Errorf("%s is not there", file), Hint: WeightsHint(b)}
	}
	if err != nil {
		return stage.Fault{Err: fmt.Errorf("weights: %w", err), Hint: WeightsHint(b)}
	}
	return f.Close()
}

// Fetch downloads the release into env.Pretrained.
func (r Release) Fetch(ctx context.Context, env stage.Env) error {
	const mega = 1e6
	from := download.Source{Client: http.DefaultClient, URL: r.URL(env.PretrainedURL), SHA256: r.SHA256, Pause: time.Second, Patience: 30 * time.Second}
	err := from.Fetch(ctx, filepath.Join(env.Pretrained, r.File), func(done, all int64) {
		env.Recorder.Progress(stage.Progress{Stage: "weights", Label: r.File, Done: int(done / mega), Total: int(all / mega), Unit: "MB"})
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return stage.Fault{Err: fmt.Errorf("weights %s are not in %s, and cannot be downloaded: %w", r.File, env.Pretrained, err),
		Hint: fmt.Sprintf("get %s on a machine with a network and put it into that folder, or into another one and say so with --pretrained", r.URL(env.PretrainedURL))}
}

// Bytes is about how large the file is.
func (r Release) Bytes() int64 { return int64(r.MiB * (1 << 20)) }

// URL is where the release is published, when torchvision's weights are below a folder: that of a
// closed network has those of others too.
func (r Release) URL(folder string) string { return r.folder(folder) + "/" + r.File }

func (r Release) folder(of string) string {
	if of = strings.TrimSuffix(of, "/"); of == Torchvision && r.Site != "" {
		return r.Site
	}
	return of
}
