package model

import (
	"math"
	"strconv"

	"vertebra/stages/internal/torch"
)

// pyramid makes of maps at the stride of cells the chances of each cell. The rest of the backbone
// goes through them down to its last maps; a feature pyramid (Lin et al. 2017, "Feature pyramid
// networks for object detection") brings what these know of the image back up to the cells, as
// torchvision.ops.FeaturePyramidNetwork does for its finest output. From the backbone's features,
// which see the image as a whole, comes how likely a target is nowhere.
type pyramid struct {
	levels  []level
	inner   []*torch.Conv2D // of each level, to pyramidWidth channels
	maps    torch.Sequence  // from the finest sum to logits of cells
	whole   average
	nowhere *torch.Linear
}

// level is a part of a backbone that gives maps of one size: layers that lead there from the level
// before, and what its last maps are like.
type level struct {
	layers torch.Sequence
	torch.Extent
}

// average is what a backbone makes features of its last maps by.
type average struct {
	layers   torch.Sequence
	features int64
}

const pyramidWidth = 128

// The first weights of cells are small, as in heads of detectors (Lin et al. 2017, "Focal loss for
// dense object detection"); those of nowhere more so, since features are not: of at the start each
// image alike a target lies nowhere with a chance of one half.
const cellSpread, nowhereSpread = 0.01, 0.001

// mapLevels takes a backbone apart: the levels whose maps have the stride of cells or a larger
// one, and the layers that make features of the last maps. Layers of finer maps are part of the
// first level. Without layers behind there are no maps.
func mapLevels(backbone torch.Module, channels int64) (levels []level, behind torch.Sequence) {
	layers, ok := backbone.(torch.Sequence)
	if !ok {
		layers = torch.Sequence{backbone}
	}
	levels = []level{{Extent: torch.Extent{Channels: channels, Stride: 1}}}
	for i, m := range layers {
		if m == torch.GlobalAverage {
			return levels, layers[i:].Flat()
		}
		last := &levels[len(levels)-1]
		next := last.Through(m)
		if next.Stride > last.Stride && last.Stride >= cellStride {
			levels = append(levels, level{})
			last = &levels[len(levels)-1]
		}
		last.Extent, last.layers = next, append(last.layers, torch.Sequence{m}.Flat()...)
	}
	return levels, nil
}

// newPyramid makes the parameters under the path, those of the pyramid with torchvision's names
// and first weights.
func newPyramid(p torch.Path, levels []level, whole average, task Task) pyramid {
	m := pyramid{levels: levels, whole: whole}
	fpn := p.Sub("fpn")
	pyramidConv := func(list string, i int, in, kernel int64) *torch.Conv2D {
		return torch.NewConv2D(fpn.Sub(list).Sub(strconv.Itoa(i)).Sub("0"), in, pyramidWidth, kernel, torch.Conv2DOptions{
			Padding: kernel / 2, Bias: true, Init: torch.LeCunUniform(in * kernel * kernel), BiasInit: torch.Constant(0),
		})
	}
	for i, l := range levels {
		m.inner = append(m.inner, pyramidConv("inner_blocks", i, l.Channels, 1))
	}
	targets := int64(task.Targets)
	m.maps = torch.Sequence{
		pyramidConv("layer_blocks", 0, pyramidWidth, 3),
		conv(p.Sub("conv"), pyramidWidth, pyramidWidth, 3, 1, 1), torch.NewBatchNorm(p.Sub("bn"), pyramidWidth), torch.ReLU,
		torch.NewConv2D(p.Sub("cells"), pyramidWidth, targets, 1, torch.Conv2DOptions{Bias: true, Init: torch.Normal(cellSpread), BiasInit: torch.Constant(0)}),
	}
	even := math.Log(float64(max(1, task.Each-1))) // as likely as all cells together
	m.nowhere = torch.NewLinearOf(p.Sub("nowhere"), whole.features, targets, torch.Normal(nowhereSpread), torch.Constant(even))
	return m
}

// Forward makes logits_BN of maps of the finest level, N = targets · (cells + 1): for each target
// its cells, row by row, and behind them nowhere.
func (m pyramid) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	levels := []torch.Tensor{p.Needed(x)}
	for _, l := range m.levels[1:] {
		x = l.layers.Forward(p, x)
		levels = append(levels, p.Needed(x))
	}
	deepest := p.Watched(x)
	levels[len(levels)-1] = deepest
	features := m.whole.layers.Forward(p, deepest)
	finest := m.down(p, levels)
	if !p.Watch {
		for _, maps := range levels[1:] {
			p.Drop(maps)
		}
	}
	cells := m.maps.Forward(p, finest)
	nowhere := m.nowhere.Forward(p, features)
	p.Drop(finest)
	p.Drop(features)
	return joinCells(p, cells, nowhere)
}

// down adds up what each level says from the coarsest to the finest: sum_BWhw of maps_BChw.
func (m pyramid) down(p *torch.Pass, levels []torch.Tensor) (sum torch.Tensor) {
	for i := len(levels) - 1; i >= 0; i-- {
		side := m.side(p, i, levels[i])
		if !sum.Valid() {
			sum = side
			continue
		}
		shape := p.Describe(side).Shape
		if p.Err() != nil {
			return torch.Tensor{}
		}
		larger := p.ResizeNearest(sum, shape[2], shape[3])
		next := p.Add(side, larger)
		p.Discard(sum, side, larger)
		sum = next
	}
	return sum
}

// side brings maps of a level to the pyramid's channels.
func (m pyramid) side(p *torch.Pass, i int, maps torch.Tensor) torch.Tensor {
	if !m.levels[i].Behind {
		return m.inner[i].Forward(p, maps)
	}
	turned := p.ChannelsBefore(maps)
	side := m.inner[i].Forward(p, turned)
	p.Discard(turned)
	return side
}

// joinCells makes logits_BN of cells_BKhw and nowhere_BK.
func joinCells(p *torch.Pass, cells_BKhw, nowhere_BK torch.Tensor) torch.Tensor {
	shape := p.Describe(cells_BKhw).Shape
	if p.Err() != nil {
		return torch.Tensor{}
	}
	rows := p.Reshape(cells_BKhw, -1, shape[1], shape[2]*shape[3])
	last := p.Reshape(nowhere_BK, -1, shape[1], 1)
	all := p.StackOver(rows, last, 2)
	logits := p.Flatten(all)
	p.Discard(cells_BKhw, nowhere_BK, rows, last, all)
	return logits
}

// parts are all modules of it, in the order in which they compute.
func (m pyramid) parts() (out torch.Sequence) {
	for _, l := range m.levels {
		out = append(out, l.layers...)
	}
	out = append(out, m.whole.layers...)
	for _, inner := range m.inner {
		out = append(out, inner)
	}
	return append(append(out, m.maps...), m.nowhere)
}

// Fixed says whether all of it is.
func (m pyramid) Fixed() bool { return m.parts().Fixed() }

// Random says whether the backbone draws numbers in training.
func (m pyramid) Random() bool { return m.parts().Random() }
