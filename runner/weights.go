package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// pretrainedFlags say where pretrained weights lie.
type pretrainedFlags struct {
	Pretrained    string `help:"Folder of the weights that experiments name by a word, such as imagenet: by default torch.hub's. A run downloads what is missing there." default:"${pretrained}" type:"path"`
	PretrainedURL string `help:"Address that missing weights are downloaded below; a folder in a closed network, for instance, with all that are wanted. Unless it is said, those of others than torchvision come from where they publish them." default:"${pretrained_url}" env:"VERTEBRA_PRETRAINED_URL" placeholder:"URL"`
}

func (s pretrainedFlags) flags() []string {
	return []string{"--pretrained", s.Pretrained, "--pretrained-url", s.PretrainedURL}
}

// torchHub is the folder that torch.hub keeps downloaded weights in; one beside the cache of
// images where no folder is this user's own.
func torchHub() string {
	home := os.Getenv("TORCH_HOME")
	if cache, err := os.UserCacheDir(); home == "" && err == nil {
		home = filepath.Join(cache, "torch")
	}
	if home == "" {
		home = filepath.Join(".cache", "torch")
	}
	return filepath.Join(home, "hub", "checkpoints")
}

// weightsCommand is runner weights.
type weightsCommand struct {
	LS  weightsList `cmd:"" name:"ls" help:"List the weights that experiments may name, and which of them are here." example:"runner weights ls"`
	Get weightsGet  `cmd:"" help:"Download weights, on a machine with a network for instance; a run does so itself." example:"runner weights get resnet50"`
}

type weightsList struct{ pretrainedFlags }

// Run prints a line for each release of each backbone.
func (c weightsList) Run(w world) error {
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "backbone\tweights\tfile\tsize\there")
	for _, name := range model.Backbones.Names() {
		for _, r := range releasesOf(name) {
			here := "yes"
			if _, err := r.Find(c.Pretrained); errors.Is(err, fs.ErrNotExist) {
				here = "no"
			} else if err != nil {
				here = "damaged"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", name, r.Word, r.File, bytes(r.Bytes()), here)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "\nin    %s\nfrom  %s\n", c.Pretrained, strings.Join(sitesOf(c.PretrainedURL), "\n      "))
	return err
}

// sitesOf are the addresses that releases come from, each once.
func sitesOf(folder string) []string {
	out := []string{folder}
	for _, name := range model.Backbones.Names() {
		for _, r := range releasesOf(name) {
			if site, _ := path.Split(r.URL(folder)); !slices.Contains(out, strings.TrimSuffix(site, "/")) {
				out = append(out, strings.TrimSuffix(site, "/"))
			}
		}
	}
	return out
}

func releasesOf(backbone string) []model.Release {
	one, _ := model.Backbones.Default(backbone)
	if published, ok := one.Part.(model.Published); ok {
		return published.Releases()
	}
	return nil
}

type weightsGet struct {
	Backbones []string `arg:"" help:"Backbones, such as resnet50." name:"backbone"`
	Weights   string   `help:"Which of a backbone's: a word of runner weights ls, or else the first of them."`
	pretrainedFlags
}

// Run downloads one release of each backbone.
func (c weightsGet) Run(ctx context.Context, w world) error {
	var wanted []model.Release
	for _, name := range c.Backbones {
		r, err := find(name, c.Weights)
		if err != nil {
			return err
		}
		wanted = append(wanted, r)
	}
	console := newConsole(w)
	defer console.close()
	env := stage.Env{Recorder: stage.OnlyProgress{Recorder: console}, Pretrained: c.Pretrained, PretrainedURL: c.PretrainedURL}
	for _, r := range wanted {
		if _, err := r.Find(c.Pretrained); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := r.Fetch(ctx, env); err != nil {
			return err
		}
		fmt.Fprintln(w.out, filepath.Join(c.Pretrained, r.File))
	}
	return nil
}

func find(backbone, word string) (model.Release, error) {
	releases := releasesOf(backbone)
	var words []string
	for _, r := range releases {
		if words = append(words, r.Word); r.Word == word || word == "" {
			return r, nil
		}
	}
	if len(words) > 0 {
		return model.Release{}, stage.Fault{Err: fmt.Errorf("%s has no weights %q", backbone, word), Hint: registry.Suggest(word, words)}
	}
	if part, known := model.Backbones.Default(backbone); known {
		return model.Release{}, stage.Fault{Err: fmt.Errorf("%s has no weights that are downloaded by name", backbone), Hint: model.WeightsHint(part.Part)}
	}
	var names []string
	for _, name := range model.Backbones.Names() {
		if len(releasesOf(name)) > 0 {
			names = append(names, name)
		}
	}
	return model.Release{}, stage.Fault{Err: fmt.Errorf("no weights are published for a backbone %q", backbone), Hint: registry.Suggest(backbone, names)}
}
