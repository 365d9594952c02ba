package model

import (
	"fmt"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Poolings.Add("transformer", "lets the slices look at one another, then pools them (Vaswani et al. 2017)", Transformer{
		Units: 256, Layers: 2, Heads: 8, Dropout: 0.1,
		Pool: registry.One[Pooling]{Name: "attention", Part: plainAttention},
	})
}

// Transformer is the encoder with layer-norm before each branch (torch.nn.
// TransformerEncoderLayer with norm_first and GELU; Xiong et al. 2020), behind a linear layer
// to its width. Each slice's place is learned (Dosovitskiy et al. 2021, section 3.1).
type Transformer struct {
	Units   int                   `help:"numbers of each slice, a multiple of heads" min:"1" max:"4096"`
	Layers  int                   `help:"layers of the encoder" min:"1" max:"24"`
	Heads   int                   `help:"heads of the attention" min:"1" max:"64"`
	Dropout float64               `help:"share of what each branch adds that is set to zero in training" min:"0" under:"1"`
	Pool    registry.One[Pooling] `help:"how the slices become one"`
}

// Validate wants equal parts for the heads.
func (t Transformer) Validate() error {
	if t.Units%t.Heads != 0 {
		return fmt.Errorf("units is %d; want a multiple of heads, %d", t.Units, t.Heads)
	}
	return nil
}

// Build makes the projection, the places, the layers and a last layer-norm.
func (t Transformer) Build(p torch.Path, slices, features int64) (torch.Module, int64) {
	width := int64(t.Units)
	body := torch.Sequence{torch.NewLinear(p.Sub("project"), features, width), places{p.Embedding("positions", torch.Normal(0.02), slices, width)}}
	for i := range t.Layers {
		body = append(body, t.layer(p.Sub("layers").Sub(strconv.Itoa(i)))...)
	}
	body = append(body, torch.NewLayerNorm(p.Sub("norm"), width, 1e-5))
	pool, out := t.Pool.Part.Build(p.Sub("pool"), slices, width)
	return append(body, pool), out
}

// layer has PyTorch's names. The inner width is four times the outer.
func (t Transformer) layer(p torch.Path) []torch.Module {
	width := int64(t.Units)
	drop := func(name string) torch.Module { return torch.Dropout{Name: p.Sub(name).Name(), P: t.Dropout} }
	look := torch.Sequence{
		torch.NewLayerNorm(p.Sub("norm1"), width, 1e-5),
		torch.NewSelfAttention(p.Sub("self_attn"), width, int64(t.Heads)),
		drop("dropout1"),
	}
	think := torch.Sequence{
		torch.NewLayerNorm(p.Sub("norm2"), width, 1e-5),
		torch.NewLinear(p.Sub("linear1"), width, 4*width), torch.GELU, drop("dropout"),
		torch.NewLinear(p.Sub("linear2"), 4*width, width), drop("dropout2"),
	}
	return []torch.Module{skip{branch: look}, skip{branch: think}}
}

// places adds to each slice what its place is worth.
type places struct{ positions_SF *torch.Parameter }

// Forward keeps the shape of x_BSF.
func (m places) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	return p.Add(x, m.positions_SF.Tensor)
}

// Fixed says whether the places are not trained.
func (m places) Fixed() bool { return !m.positions_SF.Trainable }
