package model

import (
	"fmt"
	"strconv"
	"strings"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// TheLora is the group of what the setting lora puts beside layers of the backbone.
const TheLora = "lora"

// Lora trains a large backbone by a small number of parameters (Hu et al. 2021, "LoRA").
type Lora struct {
	Rank   int     `help:"rank of each correction: it has rank · (in + out) parameters" min:"1" max:"1024"`
	Alpha  float64 `help:"corrections are multiplied by alpha / rank" over:"0"`
	Layers string  `help:"which linear layers of the backbone get one: those of attention, which make queries, keys and values and put the heads together (attention), or all, also those behind attention and those of nets without it (all)" oneof:"attention all"`
}

// Defaults are the rank of PEFT and twice that as alpha.
func (Lora) Defaults() Lora { return Lora{Rank: 8, Alpha: 16, Layers: "attention"} }

// String says what it does.
func (l Lora) String() string {
	where := "layers of attention"
	if l.Layers == "all" {
		where = "all linear layers"
	}
	return fmt.Sprintf("lora of rank %d beside %s", l.Rank, where)
}

// backbone builds the backbone under the root, with what lora puts beside its layers.
func (c Config) backbone(root torch.Path) (torch.Module, int64) {
	if l := c.Lora; l != nil {
		root = root.Corrected(torch.LowRank{Rank: int64(l.Rank), Scale: l.Alpha / float64(l.Rank), Everywhere: l.Layers == "all"})
	}
	return c.Backbone.Part.Build(root, int64(c.Input.Channels))
}

// LoraFits wants layers that lora can correct.
func (c Config) LoraFits() error {
	if c.Lora == nil {
		return nil
	}
	store := torch.NewOutlineStore()
	c.backbone(store.Root(nil))
	for _, p := range store.Parameters {
		if isLora(p.Name) {
			return nil
		}
	}
	err := fmt.Errorf("%s has no linear layers that lora could correct", c.Backbone.Name)
	if c.Lora.Layers == "attention" {
		err = fmt.Errorf("%s has no attention, whose layers lora corrects", c.Backbone.Name)
	}
	return stage.Fault{Err: err, Hint: "take a transformer, such as vit_b_16 or swin_t, or leave lora out and train some layers: train.phases has last_blocks"}
}

// corrections takes those that a file of a net with lora has. Without them, or with some of them, its
// weights would be another net, which nobody trained.
func (f found) corrections(parameters []*torch.Parameter) error {
	has := 0
	for name := range f.dict.Tensors {
		if strings.HasPrefix(name, f.prefix) && isLora(name) {
			has++
		}
	}
	if has == 0 {
		return nil
	}
	taken := 0
	for _, p := range parameters {
		if t, there := f.dict.Tensors[f.prefix+p.Name]; there && isLora(p.Name) {
			f.tensors[p.Name] = t
			taken++
		}
	}
	if taken < has {
		return fmt.Errorf("the net in it was trained with lora, and %d of its %d tensors have no place in this one: write model.lora as that net's experiment has it", has-taken, has)
	}
	return nil
}

// alphaKey names in files of weights what their corrections are multiplied by: no tensor tells it.
const alphaKey = "lora_alpha"

// notes are what files of a net's weights tell besides; nil without lora.
func (l *Lora) notes() map[string]string {
	if l == nil {
		return nil
	}
	return map[string]string{alphaKey: strconv.FormatFloat(l.Alpha, 'g', -1, 64)}
}

// Annotate adds to metadata of a file what nets want to know of the weights, where other metadata
// tells it.
func Annotate(metadata, other map[string]string) {
	if alpha, told := other[alphaKey]; told {
		metadata[alphaKey] = alpha
	}
}

// sameAlpha refuses corrections that the net would multiply by another number than the one they
// were trained with: they would be of another net, which nobody trained.
func (f found) sameAlpha(l *Lora) error {
	was, told := f.dict.Metadata[alphaKey]
	if l == nil || !told || was == l.notes()[alphaKey] {
		return nil
	}
	return fmt.Errorf("the net in it was trained with lora of alpha %s, and this one has %s: write model.lora as that net's experiment has it", was, l.notes()[alphaKey])
}

// isLora says whether a parameter is one that lora adds.
func isLora(name string) bool {
	return strings.Contains(name, "."+torch.LowRankDown+".") || strings.Contains(name, "."+torch.LowRankUp+".")
}

// Corrects says whether a parameter is the weight of a layer that lora corrects: names are all
// those of the net.
func (o Outline) Corrects(name string) bool {
	layer := strings.TrimSuffix(name, "weight")
	if before, ok := strings.CutSuffix(name, "in_proj_weight"); ok {
		layer = before + "in_proj."
	}
	return layer != name && o.has(layer+torch.LowRankUp+".weight")
}

func (o Outline) has(name string) bool {
	_, ok := o.net.Store.Get(name)
	return ok
}
