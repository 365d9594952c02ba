package model

import (
	"testing"

	"vertebra/stages/internal/parity"
)

// TestPVTv2Files: files of timm and of the authors give timm's features and gradients
// (testdata/pvt_v2.py).
func TestPVTv2Files(t *testing.T) {
	t.Parallel()
	var all struct {
		Widths, Heads, Wider [4]int64
		Blocks               [4]int
		Cases                map[string]smallCase
	}
	parity.Read(t, "testdata/pvt_v2.json", &all)
	net := pvt{widths: all.Widths, heads: all.Heads, wider: all.Wider, blocks: all.Blocks}
	for name, c := range all.Cases {
		t.Run(name, func(t *testing.T) { c.compare(t, net) })
	}
	net.depth = 0.3
	inOtherWays(t, net, 64)
}

// TestDepthOfNormsOfStages: the norm that ends a stage shares the step of its last block.
func TestDepthOfNormsOfStages(t *testing.T) {
	t.Parallel()
	net := outlineOf(t, "pvt_v2_b2")
	for _, names := range [][2]string{{"stages.0.norm.weight", "stages.0.blocks.2.norm1.weight"}, {"stages.3.norm.bias", "stages.3.blocks.2.norm1.bias"}, {"stages.1.downsample.proj.weight", "stages.1.blocks.0.attn.q.weight"}} {
		if got, want := Depth(net.Groups, names[0]), Depth(net.Groups, names[1]); got != want {
			t.Errorf("%s: depth %d, and %s %d", names[0], got, names[1], want)
		}
	}
}
