"""Writes swin_v2.json: a small Swin V2 of torchvision, of timm, as the authors name it, and of Hugging Face
(small_nets.py). Maps are no whole numbers of windows, and smaller than windows; one net was trained with others.

    pip install torch torchvision timm transformers numpy
    python swin_v2.py
"""

import re

import timm
import torch
import torchvision
import transformers
from timm.models.swin_transformer_v2 import SwinTransformerV2, checkpoint_filter_fn
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformer, SwinTransformerBlockV2

from make_reference import write
from small_nets import case, filled, shapes_of

WIDTH, HEADS, BLOCKS, WINDOW = 8, 2, [2, 2, 1, 1], 4
PADDED, SHRUNK, SQUARE = (64, 88), (64, 96), (64, 64)  # Hugging Face goes by the height alone


def pooled(net, x):
    return net(x)


vision = SwinTransformer([4, 4], WIDTH, BLOCKS, [HEADS * 2**i for i in range(4)], [WINDOW, WINDOW], stochastic_depth_prob=0, block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2)
vision.head = torch.nn.Identity()
of_vision = {n: s for n, s in shapes_of(vision).items() if "relative_coords" not in n}
of_vision = {**of_vision, **{n: s for n, s in shapes_of(vision).items() if n == "features.1.0.attn.relative_coords_table"}}
tables = {n: t for n, t in vision.state_dict().items() if "relative_coords" in n}


def of_timm(trained):
    return SwinTransformerV2(
        img_size=SHRUNK, embed_dim=WIDTH, depths=BLOCKS, num_heads=[HEADS * 2**i for i in range(4)], window_size=WINDOW, drop_path_rate=0, num_classes=0,
        pretrained_window_sizes=trained)


def authors(name):
    """The name in a file of microsoft/Swin-Transformer: what merges patches ends a stage, and does not begin the next."""
    return re.sub(r"^layers\.(\d)\.downsample", lambda m: f"layers.{int(m[1]) - 1}.downsample", name)


ours, trained = of_timm((0, 0, 0, 0)), of_timm((3, 3, 3, 2))
theirs = {authors(n): s for n, s in shapes_of(ours).items()}
face = transformers.Swinv2Model(transformers.Swinv2Config(
    image_size=SQUARE, embed_dim=WIDTH, depths=BLOCKS, num_heads=[HEADS * 2**i for i in range(4)], window_size=WINDOW, drop_path_rate=0))
of_face = {n: s for n, s in shapes_of(face).items() if "mask_token" not in n}
state = filled(of_vision)
state.update(tables)
write("swin_v2.json", {"torchvision": torchvision.__version__.split("+")[0], "timm": timm.__version__, "transformers": transformers.__version__,
    "width": WIDTH, "heads": HEADS, "blocks": BLOCKS, "window": WINDOW, "cases": {
    "torchvision": case(vision, pooled, PADDED, of_vision, state), "timm": case(ours, pooled, SHRUNK, gradients=False),
    "trained": case(trained, pooled, SHRUNK, gradients=False),
    "authors": case(ours, pooled, SHRUNK, theirs, checkpoint_filter_fn(filled(theirs), ours), gradients=False),
    "hugging_face": case(face, lambda net, x: net(x).pooler_output, SQUARE, of_face, gradients=False),
}}, 9)
