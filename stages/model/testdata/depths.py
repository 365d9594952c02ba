# Writes depths.json: by how many factors timm's param_groups_layer_decay lowers the rate of
# each module of its nets, with torchvision's names for what these consist of.
#
#   pip install timm
#   python depths.py > depths.json
import json
import re

import timm
from timm.models import group_parameters

STAGED = [  # ConvNeXt and Swin; torchvision numbers stages and what leads to the next one
    (r"^(?:stem|patch_embed)\..*", "features.0"),
    (r"^(?:stages|layers)\.(\d+)\.blocks\.(\d+)\..*", lambda m: f"features.{2 * int(m[1]) + 1}.{m[2]}"),
    (r"^(?:stages|layers)\.(\d+)\.downsample\..*", lambda m: f"features.{2 * int(m[1])}"),
    (r"^head\.norm\..*", "classifier.0"), (r"^norm\..*", "norm"), (r"^head\..*", "fc"),
]


def inverted(last):
    return [
        (r"^(?:conv_stem|bn1)\..*", "features.0"), (r"^(?:conv_head|bn2)\..*", f"features.{last}"),
        (r"^blocks\.(\d+)\.(\d+)\..*", lambda m: f"features.{int(m[1]) + 1}.{m[2]}"), (r"^classifier\..*", "fc"),
    ]


RESNET = [(r"^(layer\d\.\d+)\..*", r"\1"), (r"^(conv1|bn1|fc)\..*", r"\1")]
DENSE = [
    (r"^(features\.denseblock\d\.denselayer\d+)\..*", r"\1"), (r"^(features\.(?:transition\d|conv0|norm0|norm5))\..*", r"\1"),
    (r"^classifier\..*", "fc"),
]
VIT = [
    (r"^cls_token", "class_token"), (r"^pos_embed", "encoder.pos_embedding"), (r"^patch_embed\..*", "conv_proj"),
    (r"^blocks\.(\d+)\..*", r"encoder.layers.encoder_layer_\1"), (r"^norm\..*", "encoder.ln"), (r"^head\..*", "fc"),
]
REGNET = [
    (r"^stem\..*", "stem"), (r"^s(\d)\.b(\d+)\..*", lambda m: f"trunk_output.block{m[1]}.block{m[1]}-{int(m[2]) - 1}"), (r"^head\..*", "fc"),
]
DINOV2 = [
    (r"^reg_token", "register_tokens"), (r"^patch_embed\..*", "patch_embed"), (r"^(blocks\.\d+)\..*", r"\1"), (r"^norm\..*", "norm"),
    (r"^(cls_token|pos_embed)", r"\1"), (r"^head\..*", "fc"),
]

# The name here, timm's, and what leads from one to the other.
NETS = [
    ("resnet18", "resnet18", RESNET), ("resnet50", "resnet50", RESNET), ("wide_resnet50_2", "wide_resnet50_2", RESNET),
    ("resnext50_32x4d", "resnext50_32x4d", RESNET),
    ("densenet121", "densenet121", DENSE), ("densenet169", "densenet169", DENSE),
    ("efficientnet_b0", "efficientnet_b0", inverted(8)), ("efficientnet_b3", "efficientnet_b3", inverted(8)),
    ("efficientnet_v2_s", "tf_efficientnetv2_s", inverted(7)),
    ("convnext_tiny", "convnext_tiny", STAGED), ("convnext_base", "convnext_base", STAGED), ("convnextv2_tiny", "convnextv2_tiny", STAGED),
    ("regnet_y_400mf", "regnety_004", REGNET),
    ("swin_t", "swin_tiny_patch4_window7_224", STAGED), ("swin_s", "swin_small_patch4_window7_224", STAGED),
    ("swin_v2_t", "swinv2_tiny_window8_256", STAGED), ("swin_v2_b", "swinv2_base_window12_192", STAGED),
    ("dinov2_vits14_reg", "vit_small_patch14_reg4_dinov2", DINOV2), ("dinov2_vitl14", "vit_large_patch14_dinov2", DINOV2),
    ("vit_b_16", "vit_base_patch16_224", VIT), ("vit_s_16", "vit_small_patch16_224", VIT),
]


def mobile(net):
    """The blocks of timm's stages are torchvision's features from 1, and the last one its last convolution."""
    blocks = [f"blocks.{i}.{j}" for i, stage in enumerate(net.blocks) for j in range(len(stage))]
    return [(rf"^{re.escape(b)}\..*", f"features.{i + 1}") for i, b in enumerate(blocks)] + [
        (r"^(?:conv_stem|bn1)\..*", "features.0"), (r"^conv_head\..*", "classifier.0"), (r"^classifier\..*", "fc")]


def depths(net, renames):
    levels = group_parameters(net, net.group_matcher(coarse=False), reverse=True)
    out = {}
    for name, _ in net.named_parameters():
        for pattern, new in renames:
            renamed, n = re.subn(pattern, new, name)
            if n:
                break
        else:
            raise ValueError(name)
        depth = max(levels.values()) - levels[name]
        if out.setdefault(renamed, depth) != depth:
            raise ValueError(f"{renamed}: {depth} and {out[renamed]}")
    return out


nets = {ours: depths(timm.create_model(theirs, num_classes=3), renames) for ours, theirs, renames in NETS}
large = timm.create_model("mobilenetv3_large_100")
nets["mobilenet_v3_large"] = depths(large, mobile(large))
print(json.dumps({"source": f"timm {timm.__version__}", "depths": nets}, separators=(",", ":")).replace("},", "},\n"))
