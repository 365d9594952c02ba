package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// The layers of a block in the order in which torchvision numbers them, as other libraries call them:
// of each a convolution and its batch-norm, or squeeze-and-excitation.
type (
	blockNames []layerNames
	layerNames struct{ conv, norm string }
)

// Names of timm's blocks: ConvBnAct, EdgeResidual, DepthwiseSeparableConv and InvertedResidual.
var (
	timmFusedOnce = blockNames{{"conv", "bn1"}}
	timmFused     = blockNames{{"conv_exp", "bn1"}, {"conv_pwl", "bn2"}}
	timmSeparable = blockNames{{"conv_dw", "bn1"}, {}, {"conv_pw", "bn2"}}
	timmInverted  = blockNames{{"conv_pw", "bn1"}, {"conv_dw", "bn2"}, {}, {"conv_pwl", "bn3"}}
)

// Names of MBConvBlock in efficientnet-pytorch and MONAI, which know no fused ones.
var (
	pytorchSeparable = blockNames{{"_depthwise_conv", "_bn1"}, {}, {"_project_conv", "_bn2"}}
	pytorchInverted  = blockNames{{"_expand_conv", "_bn0"}, {"_depthwise_conv", "_bn1"}, {}, {"_project_conv", "_bn2"}}
)

// otherNames lead to the names of timm, of efficientnet-pytorch, which numbers blocks through all
// stages, and of MONAI's EfficientNetBN, which does so too and names the stage before.
func (e efficientnet) otherNames() []func(string) string {
	if e.fuses() {
		return []func(string) string{e.timmName}
	}
	return []func(string) string{e.timmName, e.pytorchName, e.monaiName}
}

// fits refuses files of efficientnet-pytorch and MONAI, by the names that their tensors have, for a net
// that pads otherwise than theirs: its features are others, and nobody would see it.
func (e efficientnet) fits(names []string) error {
	theirs := func(name string) bool { return strings.Contains("."+name, "._conv_stem.") }
	if at := slices.IndexFunc(names, theirs); at >= 0 && !e.same {
		return stage.Fault{
			Err:  fmt.Errorf("it has %s, as files of efficientnet-pytorch and MONAI do, whose nets pad as TensorFlow does", names[at]),
			Hint: "write variant: tensorflow beside weights",
		}
	}
	return nil
}

func (e efficientnet) fuses() bool { return e.stages[0].fused }

func (e efficientnet) timmName(name string) string {
	stage, block, rest := e.place(name)
	if outside, is := e.outside(name, layerNames{"conv_stem", "bn1"}, layerNames{"conv_head", "bn2"}); is {
		return outside
	}
	st, names := e.stages[stage-1], timmInverted
	switch {
	case st.fused && st.expand == 1:
		names = timmFusedOnce
	case st.fused:
		names = timmFused
	case st.expand == 1:
		names = timmSeparable
	}
	return "blocks." + strconv.Itoa(stage-1) + "." + strconv.Itoa(block) + "." + names.of(rest, "se.conv_reduce", "se.conv_expand")
}

func (e efficientnet) pytorchName(name string) string {
	return e.originalName(name, func(_ int, number string) string { return number })
}

func (e efficientnet) monaiName(name string) string {
	return e.originalName(name, func(stage int, number string) string { return strconv.Itoa(stage) + "." + number })
}

// originalName has the names of TensorFlow's first code. called is where a block is found, by the number
// that it has through all stages.
func (e efficientnet) originalName(name string, called func(stage int, number string) string) string {
	stage, block, rest := e.place(name)
	if outside, is := e.outside(name, layerNames{"_conv_stem", "_bn0"}, layerNames{"_conv_head", "_bn1"}); is {
		return outside
	}
	names := pytorchInverted
	if e.stages[stage-1].expand == 1 {
		names = pytorchSeparable
	}
	for _, st := range e.stages[:stage-1] {
		block += st.blocks
	}
	return "_blocks." + called(stage-1, strconv.Itoa(block)) + "." + names.of(rest, "_se_reduce", "_se_expand")
}

// outside names what lies in no block: the stem, the last convolution, and what is no part of the net.
func (e efficientnet) outside(name string, stem, last layerNames) (other string, is bool) {
	switch stage, _, rest := e.place(name); {
	case stage < 0:
		return name, true
	case stage == 0:
		return stem.of(rest), true
	case stage > len(e.stages):
		return last.of(rest), true
	}
	return "", false
}

// place takes features.2.1.block.0.1.bias apart: stage 2, its block 1, and 0.1.bias of that. Stage 0 is
// the stem, and what lies behind the last one the last convolution; none is negative.
func (e efficientnet) place(name string) (stage, block int, rest string) {
	behind, ok := strings.CutPrefix(name, "features.")
	at, rest, _ := strings.Cut(behind, ".")
	stage, err := strconv.Atoi(at)
	if !ok || err != nil {
		return -1, 0, name
	}
	if stage == 0 || stage > len(e.stages) {
		return stage, 0, rest
	}
	at, rest, _ = strings.Cut(rest, ".block.")
	if block, err = strconv.Atoi(at); err != nil {
		return -1, 0, name
	}
	return stage, block, rest
}

// of names 0.1.bias of a block; fc1 and fc2 are squeeze-and-excitation's.
func (b blockNames) of(name, fc1, fc2 string) string {
	at, rest, _ := strings.Cut(name, ".")
	i, err := strconv.Atoi(at)
	switch {
	case err != nil || i >= len(b):
		return name
	case b[i] == layerNames{}:
		return strings.NewReplacer("fc1.", fc1+".", "fc2.", fc2+".").Replace(rest)
	}
	return b[i].of(rest)
}

// of names 1.bias of a convolution, 0, and its batch-norm, 1.
func (l layerNames) of(name string) string {
	if rest, ok := strings.CutPrefix(name, "0."); ok {
		return l.conv + "." + rest
	}
	return l.norm + "." + strings.TrimPrefix(name, "1.")
}
