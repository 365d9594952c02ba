"""Writes convnextv2.json: features of a small ConvNeXt V2 of timm in float64, and the gradients of the mean
of their squares, with weights by the rule of make_reference.py over the names of the file; and features of the same
net with weights by the names of the authors' files, which timm's checkpoint_filter_fn reads.

    pip install torch timm numpy
    python convnextv2.py
"""

import re

import numpy as np
import timm
import torch
from timm.models.convnext import ConvNeXt, checkpoint_filter_fn

from make_reference import fill, u, write

WIDTH, BLOCKS = 8, (1, 1, 2, 1)


def authors(name):
    """The name in a file of facebookresearch/ConvNeXt-V2."""
    name = re.sub(r"^stem\.", "downsample_layers.0.", name)
    name = re.sub(r"^stages\.(\d)\.downsample\.", r"downsample_layers.\1.", name)
    name = re.sub(r"^stages\.(\d)\.blocks\.", r"stages.\1.", name)
    for ours, theirs in (("conv_dw", "dwconv"), ("mlp.fc1", "pwconv1"), ("mlp.fc2", "pwconv2"), ("mlp.grn.weight", "grn.gamma"), ("mlp.grn.bias", "grn.beta"), ("head.norm", "norm")):
        name = name.replace(ours, theirs)
    return name


def filled(shapes):
    return {name: torch.tensor(fill(name, tuple(shape)).astype(np.float32)).double() for name, shape in shapes.items()}


def reference(tensors, state, gradients):
    net.load_state_dict(state)
    net.zero_grad()
    features = net(torch.tensor(fill("input", (2, 3, 64, 64)).astype(np.float32)).double())
    features.square().mean().backward()
    out = {"tensors": tensors, "height": 64, "width": 64, "features": features.tolist()}
    if gradients:
        marks = {n: p.grad.numpy().ravel() for n, p in net.named_parameters()}
        out["gradients"] = {n: [float(np.linalg.norm(v)), float(v @ u("probe " + n, v.size))] for n, v in marks.items()}
    return out


net = ConvNeXt(depths=BLOCKS, dims=[WIDTH, 2 * WIDTH, 4 * WIDTH, 8 * WIDTH], use_grn=True, ls_init_value=None, num_classes=0).double().eval()
ours = {n: list(t.shape) for n, t in net.state_dict().items()}
theirs = {authors(n): ([1, 1, 1] + s if ".grn." in n else s) for n, s in ours.items()}
write("convnextv2.json", {"timm": timm.__version__, "width": WIDTH, "blocks": BLOCKS, "cases": {
    "timm": reference(ours, filled(ours), True),
    "authors": reference(theirs, checkpoint_filter_fn(filled(theirs), net), False),
}}, 9)
