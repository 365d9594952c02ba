package model

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// smallSwinV2 has few channels, and names as its family's.
type smallSwinV2 struct {
	net swin
	swinV2Names
}

func (n smallSwinV2) build(p torch.Path, channels int64) (torch.Module, int64) {
	return n.net.build(p, channels)
}
func (n smallSwinV2) groups() []string { return n.net.groups() }

// TestSwinV2Files: files of torchvision, timm, the authors and Hugging Face give these libraries'
// features, torchvision's its gradients, with maps that are padded, windows that shrink, and distances
// of the windows of a training (testdata/swin_v2.py).
func TestSwinV2Files(t *testing.T) {
	t.Parallel()
	var all struct {
		Width, Heads int64
		Blocks       [4]int
		Window       int64
		Cases        map[string]smallCase
	}
	parity.Read(t, "testdata/swin_v2.json", &all)
	trained := [4]int64{3, 3, 3, 2}
	for name, c := range all.Cases {
		windows := torch.CosineWindows{Side: all.Window, Shrink: name != "torchvision"}
		net := swin{width: all.Width, heads: all.Heads, blocks: all.Blocks, v2: func(i int) torch.CosineWindows {
			if name == "trained" {
				windows.Trained = trained[i]
			}
			return windows
		}}
		t.Run(name, func(t *testing.T) { c.compare(t, smallSwinV2{net: net}) })
	}
}

// TestWindowsOfTraining: distances are told by the windows that a training of such images had.
func TestWindowsOfTraining(t *testing.T) {
	t.Parallel()
	net, _ := SwinV2[swinV2B]{Window: 16, TrainedWindow: 12, TrainedPixels: 192, SmallMaps: "shrink"}.net()
	for i, want := range []int64{12, 12, 12, 6} { // as timm's swinv2_base_window12to16_192to256 has them
		if got := net.v2(i); got != (torch.CosineWindows{Side: 16, Trained: want, Shrink: true}) {
			t.Errorf("stage %d: %+v", i, got)
		}
	}
}

// TestOtherWindowsAreRefused: a file with distances tells of how many places they are.
func TestOtherWindowsAreRefused(t *testing.T) {
	t.Parallel()
	file := statedict.Dict{Tensors: map[string]safetensors.Tensor{"layers.0.blocks.0.attn.relative_coords_table": {Shape: []int64{1, 31, 31, 2}}}}
	net := SwinV2[swinV2T]{Window: 8}
	var fault stage.Fault
	if err := net.Agrees(file); !errors.As(err, &fault) || err.Error() != "its windows have 16 × 16 places, and the net's 8 × 8\n  hint: write window: 16 beside weights, or trained_window: 16 to see others" {
		t.Errorf("got %v", err)
	}
	for _, net := range []SwinV2[swinV2T]{{Window: 16}, {Window: 8, TrainedWindow: 16}} {
		if err := net.Agrees(file); err != nil {
			t.Error(err)
		}
	}
}

// TestFitOfSwinV2Files: a file of another library is told with the net that it is of.
func TestFitOfSwinV2Files(t *testing.T) {
	t.Parallel()
	ours := namesAndShapes("swin_v2_t", "").Tensors
	for i, name := range (SwinV2[swinV2T]{}).OtherNames() {
		d := statedict.Dict{Tensors: map[string]safetensors.Tensor{}}
		for our, tensor := range ours {
			if Selects(BackBone, our) {
				d.Tensors[name(our)] = safetensors.Tensor{Shape: tensor.Shape, Data: make([]float32, torch.Info{Shape: tensor.Shape}.Elements())}
			}
		}
		parted := parted(d.Tensors)
		if got := fitting([]statedict.Dict{{Tensors: parted}}); got != "it fits swin_v2_t" {
			t.Errorf("names %d: %s", i, got)
		}
	}
}

// parted takes joined biases and layers apart, as the files have them.
func parted(tensors map[string]safetensors.Tensor) map[string]safetensors.Tensor {
	out := maps.Clone(tensors)
	for name, t := range tensors {
		third := safetensors.Tensor{Shape: append([]int64{t.Shape[0] / 3}, t.Shape[1:]...), Data: t.Data[:len(t.Data)/3]}
		before, after, is := strings.Cut(name, ".qkv.")
		switch {
		case is && strings.HasSuffix(before, ".self"):
			delete(out, name)
			out[before+".query."+after], out[before+".value."+after] = third, third
			if after == "weight" {
				out[before+".key.weight"] = third
			}
		case is && after == "bias":
			delete(out, name)
			out[before+".q_bias"], out[before+".v_bias"] = third, third
		}
	}
	return out
}
