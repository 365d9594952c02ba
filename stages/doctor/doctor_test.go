package doctor

import (
	"strings"
	"testing"
	"time"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

func TestHealthyMachine(t *testing.T) {
	findings, err := Examine(t.Context(), stage.Env{Now: time.Now, Device: "auto", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range findings {
		names = append(names, f.Name)
		if f.Wrong || f.Text == "" {
			t.Errorf("%s: %s", f.Name, f.Text)
		}
	}
	for _, want := range []string{"libtorch", "device", "precision", "product", "training step"} {
		if !strings.Contains(strings.Join(names, ", "), want) {
			t.Errorf("no finding %q among %v", want, names)
		}
	}
}

func TestDeviceThatIsNotThere(t *testing.T) {
	_, err := Examine(t.Context(), stage.Env{Now: time.Now, Device: "cuda:99"})
	if err == nil || !strings.Contains(err.Error(), "cuda:99") || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("got %v, want an error that names the device and what to do", err)
	}
}

func TestSickCUDAIsFound(t *testing.T) {
	healthy := torch.Facts{CUDA: true, Driver: 13000, Runtime: 13000, CuDNN: 91900}
	old, bare := healthy, healthy
	old.Driver, bare.CuDNN = 12040, 0
	for name, c := range map[string]struct {
		facts torch.Facts
		want  string
	}{"healthy": {healthy, ""}, "old driver": {old, "update it"}, "no cuDNN": {bare, "slower"}} {
		text := ""
		for _, f := range describe(torch.Device{CUDA: true}, c.facts, 1) {
			if f.Wrong {
				text += f.Text
			}
		}
		if (text == "") != (c.want == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s: got %q, want %q", name, text, c.want)
		}
	}
}

func TestOtherDevicesAreTold(t *testing.T) {
	for among, want := range map[int]bool{1: false, 4: true} {
		text := describe(torch.Device{CUDA: true}, torch.Facts{CUDA: true}, among)[0].Text
		if told := strings.Contains(text, "there are 4: --device cuda:3 is the last"); told != want {
			t.Errorf("%d devices: %q", among, text)
		}
	}
}
