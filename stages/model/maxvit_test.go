package model

import (
	"errors"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// smallMaxViT is that of testdata/maxvit.py.
func smallMaxViT(t *testing.T) (net maxvit, cases map[string]smallCase) {
	t.Helper()
	var all struct {
		Stem, Head, Side int64
		Widths           [4]int64
		Blocks           [4]int
		Cases            map[string]smallCase
	}
	parity.Read(t, "testdata/maxvit.json", &all)
	return maxvit{stem: all.Stem, widths: all.Widths, blocks: all.Blocks, head: all.Head, side: all.Side}, all.Cases
}

// TestMaxViT gives torchvision's features and gradients, with several windows and grids that are wider
// than a window (testdata/maxvit.py).
func TestMaxViT(t *testing.T) {
	t.Parallel()
	net, cases := smallMaxViT(t)
	for _, c := range cases {
		c.compare(t, net)
	}
}

// TestMaxViTInOtherWays: what TestRecomputedPassesAreTheSame, TestBackbonesInLowPrecision and
// TestFeaturesOfTransformers hold of nets that see smaller images.
func TestMaxViTInOtherWays(t *testing.T) {
	t.Parallel()
	small, _ := smallMaxViT(t)
	small.depth = 0.3
	inOtherWays(t, small, 64)
}

// TestSizesOfMaxViT: other images than of whole windows are refused, with the nearest size.
func TestSizesOfMaxViT(t *testing.T) {
	t.Parallel()
	for sides, want := range map[[2]int]string{
		{224, 224}: "", {448, 224}: "", {256, 256}: "resize: {pixels: 224}", {224, 32}: "resize: {pixels: 224}", {384, 384}: "resize: {pixels: 448}", {0, 0}: "224",
	} {
		_, err := plain(MaxViTT{}, "maxvit_t").For(preprocess.Shape{Channels: 3, Height: sides[0], Width: sides[1]})
		var fault stage.Fault
		if (err == nil) != (want == "") || err != nil && (!errors.As(err, &fault) || !strings.Contains(fault.Hint, want)) {
			t.Errorf("%v: %v", sides, err)
		}
	}
}

// TestWindowsOfOneSide: images that are wider than high have as many windows in a column as fit, also on
// grids, where torchvision takes square ones alone.
func TestWindowsOfOneSide(t *testing.T) {
	t.Parallel()
	small, _ := smallMaxViT(t)
	onCPU(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		net, features := small.build(store.Root(s), 3)
		y := net.Forward(&torch.Pass{Scope: s}, s.FromFloat32(fill("input", []int64{1, 3, 64, 128}), 1, 3, 64, 128))
		if shape := s.Describe(y).Shape; s.Err() != nil || shape[1] != features {
			t.Errorf("got %v (%v)", shape, s.Err())
		}
	})
}
