package model

import (
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
)

// TestDepthIsTimms: each parameter of a net has the depth that timm gives it, for
// every family that timm has too. testdata/depths.py makes the reference.
func TestDepthIsTimms(t *testing.T) {
	t.Parallel()
	var ref struct{ Depths map[string]map[string]int }
	parity.Read(t, "testdata/depths.json", &ref)
	for name, want := range ref.Depths {
		net, seen := outlineOf(t, name), map[string]bool{}
		for _, p := range net.Parameters {
			module := moduleOf(p.Name, want)
			if seen[module] = true; p.Buffer {
				continue
			}
			if got := Depth(net.Groups, p.Name); module == "" || got != want[module] {
				t.Errorf("%s, %s: depth %d, want %d of %q", name, p.Name, got, want[module], module)
			}
		}
		for module := range want {
			if !seen[module] {
				t.Errorf("%s: no parameter of %s", name, module)
			}
		}
	}
}

// TestDepthOfEveryBackbone: blocks are one step apart, also in nets that timm does not have, the
// stem is one step behind the first, and the head has none.
func TestDepthOfEveryBackbone(t *testing.T) {
	t.Parallel()
	for _, name := range Backbones.Names() {
		net := outlineOf(t, name)
		blocks := Blocks(net.Groups)
		last := Depth(net.Groups, blocks[len(blocks)-1]+".x")
		if own := strings.HasPrefix(name, "mobilenet"); last != 1 && !own || own && last != 2 {
			t.Errorf("%s: the last block has depth %d", name, last)
		}
		for i, block := range blocks {
			if got, want := Depth(net.Groups, block+".x"), last+len(blocks)-1-i; got != want {
				t.Errorf("%s, %s: depth %d, want %d", name, block, got, want)
			}
		}
		stem := LayerNames(net.Groups)[0]
		if got, want := Depth(net.Groups, stem), last+len(blocks); got != want && stem != blocks[0] {
			t.Errorf("%s, %s: depth %d, want %d", name, stem, got, want)
		}
		for _, head := range []string{"fc.weight", "head.0.bias"} {
			if got := Depth(net.Groups, head); got != 0 {
				t.Errorf("%s, %s: depth %d", name, head, got)
			}
		}
	}
}

func outlineOf(t *testing.T, name string) Outline {
	t.Helper()
	backbone, ok := Backbones.Default(name)
	if !ok {
		t.Fatalf("no backbone %s", name)
	}
	return Sketch(Config{Backbone: backbone, Input: InputOf(backbone.Part)}, Single(3))
}

// moduleOf is the longest of some modules that a parameter is of.
func moduleOf(parameter string, modules map[string]int) (longest string) {
	for module := range modules {
		if within := parameter == module || strings.HasPrefix(parameter, module+"."); within && len(module) > len(longest) {
			longest = module
		}
	}
	return longest
}
