package model

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// released is a small net whose weights are published under the name file.
type released struct {
	ConvNet
	file string
}

func (r released) Releases() []Release {
	return []Release{{Word: "imagenet", File: r.file, MiB: 0.001}}
}

var small = preprocess.Shape{Channels: 1, Height: 8, Width: 8}

// publish draws weights with a seed and gives the file they are in and its name.
func publish(t *testing.T, net ConvNet, seed uint64) (data []byte, name string) {
	t.Helper()
	cfg := Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: net}, Input: Default.Input}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := safetensors.Write(path, safetensors.File{Tensors: weightsOf(t, stage.Env{Seed: seed}, cfg)}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data, fmt.Sprintf("net-%x.safetensors", sha256.Sum256(data))
}

func weightsOf(t *testing.T, env stage.Env, cfg Config) (out map[string]safetensors.Tensor) {
	t.Helper()
	env.Device, env.Recorder = "cpu", stage.Discard
	net, err := Build(t.Context(), env, cfg, small, Single(2))
	if err != nil {
		t.Fatal(err)
	}
	err = net.engine.Do(t.Context(), func(s *torch.Scope) error { out = net.Tensors(s); return s.Err() })
	if err := errors.Join(err, net.Close()); err != nil {
		t.Fatal(err)
	}
	return out
}

// events keeps the texts of events.
type events struct {
	stage.Recorder
	texts []string
}

func (e *events) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		if event, ok := r.(stage.Event); ok {
			e.texts = append(e.texts, event.Text)
		}
	}
	return nil
}

func TestFetchWeights(t *testing.T) {
	t.Parallel()
	net := ConvNet{Widths: []int{2, 3}, Weights: "imagenet"}
	data, name := publish(t, ConvNet{Widths: net.Widths}, 7)
	web := httptest.NewServer(http.FileServerFS(os.DirFS(t.TempDir())))
	t.Cleanup(web.Close)
	folder, kept := t.TempDir(), &events{Recorder: stage.Discard}
	env := stage.Env{Seed: 1, Recorder: kept, Pretrained: folder, PretrainedURL: web.URL + "/"}
	cfg := Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: released{net, name}}, Input: Default.Input}

	if size, err := Measure(t.Context(), env, cfg, small, Single(2)); err != nil || size.Missing != filepath.Join(folder, name) {
		t.Errorf("missing: %q, %v, want the file in the folder", size.Missing, err)
	}
	var fault stage.Fault
	if err := FetchWeights(t.Context(), env, cfg); !errors.As(err, &fault) || !strings.Contains(fault.Hint, web.URL+"/"+name) {
		t.Errorf("not published: %v, want a hint with the address", err)
	}

	web.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	if err := FetchWeights(t.Context(), env, cfg); err != nil {
		t.Fatal(err)
	}
	if len(kept.texts) != 1 || !strings.Contains(kept.texts[0], name+" downloaded from "+web.URL) {
		t.Errorf("told %q, want that %s was downloaded", kept.texts, name)
	}
	web.Close() // from here on nothing may be asked for
	if err := FetchWeights(t.Context(), env, cfg); err != nil || len(kept.texts) != 1 {
		t.Errorf("the second time: %v, told %q", err, kept.texts)
	}
	plain := cfg
	plain.Backbone.Part = ConvNet{Widths: net.Widths, Weights: registry.Path(filepath.Join(folder, name))}
	if got, want := weightsOf(t, env, cfg), weightsOf(t, env, plain); !reflect.DeepEqual(got, want) {
		t.Error("the release gives other weights than its file")
	}
	if size, err := Measure(t.Context(), env, cfg, small, Single(2)); err != nil || size.Missing != "" {
		t.Errorf("missing: %q, %v, want nothing", size.Missing, err)
	}

	if err := os.WriteFile(filepath.Join(folder, name), data[1:], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := FetchWeights(t.Context(), env, cfg); !errors.As(err, &fault) || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("damaged: %v", err)
	}
}

func TestFetchWeightsOfPath(t *testing.T) {
	t.Parallel()
	cfg := Default
	cfg.Backbone.Part = ResNet18{Weights: "testdata/imagnet"}
	var fault stage.Fault
	if err := FetchWeights(t.Context(), stage.Env{}, cfg); !errors.As(err, &fault) || !strings.Contains(fault.Hint, "imagenet") {
		t.Errorf("got %v, want a hint that names the word", err)
	}
}

func TestWeightsSum(t *testing.T) {
	t.Parallel()
	data, _ := publish(t, ConvNet{Widths: []int{2}}, 3)
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for weights, want := range map[registry.Path]string{
		"":                  "",
		"imagenet":          "resnet50-11ad3fa6.pth",
		registry.Path(path): fmt.Sprintf("sha256 %x", sha256.Sum256(data)),
	} {
		cfg := Default
		cfg.Backbone.Part = ResNet50{Weights: weights}
		if got, err := cfg.WeightsSum(); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", weights, got, err, want)
		}
	}
}

// Every release has a word that its backbone takes, and a name that its content can be held
// against.
func TestReleases(t *testing.T) {
	t.Parallel()
	found := 0
	for _, name := range Backbones.Names() {
		one, _ := Backbones.Default(name)
		published, ok := one.Part.(Published)
		if !ok {
			continue
		}
		field, _ := reflect.TypeOf(one.Part).FieldByName("Weights")
		var words []string
		for _, r := range published.Releases() {
			words = append(words, r.Word)
			if _, err := r.Find(t.TempDir()); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(r.File, name) || r.MiB <= 0 {
				t.Errorf("%s: %+v: %v", name, r, err)
			}
			found++
		}
		if got := strings.Fields(field.Tag.Get("words")); !reflect.DeepEqual(got, words) {
			t.Errorf("%s takes the words %q, and has releases %q", name, got, words)
		}
	}
	if found < 11 {
		t.Errorf("%d releases, want 11 or more", found)
	}
}
