"""Writes pvt_v2.json: a small PVT v2 of timm, with the names of its file and of the authors' (small_nets.py).

    pip install torch timm numpy
    python pvt_v2.py
"""

import re

import timm
from timm.models.pvt_v2 import PyramidVisionTransformerV2, checkpoint_filter_fn

from make_reference import write
from small_nets import case, filled, shapes_of

WIDTHS, HEADS, BLOCKS, WIDER, SIDES = [8, 16, 24, 32], [1, 2, 3, 4], [1, 2, 1, 1], [3, 3, 2, 2], (64, 88)
net = PyramidVisionTransformerV2(num_classes=0, depths=BLOCKS, embed_dims=WIDTHS, num_heads=HEADS, mlp_ratios=WIDER)


def authors(name):
    """The name in a file of whai362/PVT."""
    name = re.sub(r"^stages\.(\d)\.downsample\.", lambda m: f"patch_embed{int(m[1]) + 1}.", name.replace("patch_embed.", "patch_embed1."))
    name = re.sub(r"^stages\.(\d)\.blocks\.", lambda m: f"block{int(m[1]) + 1}.", name)
    return re.sub(r"^stages\.(\d)\.norm\.", lambda m: f"norm{int(m[1]) + 1}.", name).replace(".dwconv.", ".dwconv.dwconv.")


theirs = {authors(n): s for n, s in shapes_of(net).items()}
write("pvt_v2.json", {"timm": timm.__version__, "widths": WIDTHS, "heads": HEADS, "blocks": BLOCKS, "wider": WIDER, "cases": {
    "timm": case(net, lambda net, x: net(x), SIDES),
    "authors": case(net, lambda net, x: net(x), SIDES, theirs, checkpoint_filter_fn(filled(theirs), net), gradients=False),
}}, 9)
