"""Writes caformer.json: a small CAFormer of timm, with the names of its file and of the authors' (small_nets.py).

    pip install torch timm numpy
    python caformer.py
"""

import re

import timm
import torch
from timm.models.metaformer import Attention, LayerNorm2dNoBias, LayerNormNoBias, MetaFormer, SepConv, checkpoint_filter_fn

from make_reference import write
from small_nets import case, filled, shapes_of

WIDTHS, BLOCKS, SIDES = [8, 16, 32, 64], [1, 2, 1, 2], (64, 80)
net = MetaFormer(num_classes=3, depths=BLOCKS, dims=WIDTHS, token_mixers=[SepConv, SepConv, Attention, Attention],
                 norm_layers=[LayerNorm2dNoBias] * 2 + [LayerNormNoBias] * 2)
net.head.fc.fc2 = torch.nn.Identity()


def authors(name):
    """The name in a file of sail-sg/metaformer."""
    name = re.sub(r"^stem\.norm\.", "downsample_layers.0.post_norm.", re.sub(r"^stem\.conv\.", "downsample_layers.0.conv.", name))
    name = re.sub(r"^stages\.(\d)\.downsample\.norm\.", r"downsample_layers.\1.pre_norm.", name)
    name = re.sub(r"^stages\.(\d)\.downsample\.", r"downsample_layers.\1.", name)
    name = re.sub(r"^stages\.(\d)\.blocks\.", r"stages.\1.", name)
    return re.sub(r"^head\.norm\.", "norm.", name).replace("head.fc.", "head.")


# convolutions of one place are linear layers there
theirs = {authors(n): s[:2] if len(s) == 4 and s[2:] == [1, 1] and s[1] > 1 else s for n, s in shapes_of(net).items()}
write("caformer.json", {"timm": timm.__version__, "widths": WIDTHS, "blocks": BLOCKS, "cases": {
    "timm": case(net, lambda net, x: net(x), SIDES),
    "authors": case(net, lambda net, x: net(x), SIDES, theirs, checkpoint_filter_fn(filled(theirs), net), gradients=False),
}}, 9)
