"""Writes places.json: what PyTorch computes for nets that say where something is, of torchvision's
backbones and its FeaturePyramidNetwork, by weights that both sides make by the rule of
make_reference.py, in float64. Stochastic depth is off. Logits, gradients and statistics are
stored as norm and probe.

    pip install torch torchvision numpy
    python places.py
"""

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.ops import FeaturePyramidNetwork, StochasticDepth

from make_reference import fill, u, write

TARGETS, WIDTH, IMAGES, ROWS, COLUMNS = 2, 128, 2, 16, 24

# the last maps of each size, the coarsest last, with their channels; the layers of the classifier
# before its last one; whether channels lie last in all maps but the coarsest; and the gain of weights
NETS = {
    "resnet18": ({"layer1": 64, "layer2": 128, "layer3": 256, "layer4": 512}, None, False, 6),
    "mobilenet_v3_large": ({"features.3": 24, "features.6": 40, "features.12": 112, "features.16": 960}, lambda net: net.classifier[:2], False, 4),
    "swin_t": ({"features.1": 96, "features.3": 192, "features.5": 384, "permute": 768}, None, True, 6),
}


class Places(nn.Module):
    def __init__(self, arch):
        super().__init__()
        levels, behind, self.turn, _ = NETS[arch]
        net = getattr(torchvision.models, arch)()
        self.classifier = behind(net) if behind else nn.Identity()
        self.features = create_feature_extractor(net, {name: str(i) for i, name in enumerate(levels)})
        wide = self.classifier[0].out_features if behind else [*levels.values()][-1]
        self.head = nn.ModuleDict({
            "fpn": FeaturePyramidNetwork([*levels.values()], WIDTH),
            "conv": nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
            "bn": nn.BatchNorm2d(WIDTH),
            "cells": nn.Conv2d(WIDTH, TARGETS, 1),
            "nowhere": nn.Linear(wide, TARGETS),
        })

    def forward(self, x):
        maps = self.features(x)
        if self.turn:
            maps = {i: m if i == "3" else m.permute(0, 3, 1, 2) for i, m in maps.items()}
        finest = self.head["fpn"](maps)["0"]
        cells = self.head["cells"](self.head["bn"](self.head["conv"](finest)).relu())
        nowhere = self.head["nowhere"](self.classifier(maps["3"].mean((2, 3))))
        return torch.cat([cells.flatten(2), nowhere.unsqueeze(2)], 2).flatten(1)


def mark(name, t):
    v = t.detach().double().numpy().ravel()
    return [float(np.linalg.norm(v)), float(v @ u("probe " + name, v.size))]


def ours(name):
    """A backbone's parameter by torchvision's name."""
    return name.removeprefix("features.") if not name.startswith(("head.", "classifier.")) else name


def reference(arch):
    net = Places(arch).double()
    gain = NETS[arch][3]
    for m in net.modules():
        if isinstance(m, StochasticDepth):
            m.p = 0
    with torch.no_grad():
        for name, t in [*net.named_parameters(), *net.named_buffers()]:
            if t.is_floating_point():
                t.copy_(torch.tensor(fill(ours(name), tuple(t.shape), gain).astype(np.float32)))
    x = torch.tensor(fill("input", (IMAGES, 3, 4 * ROWS, 4 * COLUMNS)).astype(np.float32)).double()
    out = {"gain": gain, "eval": mark("logits", net.eval()(x))}
    logits = net.train()(x)
    cells = torch.tensor([0, ROWS * COLUMNS, 100, 7])
    loss = nn.functional.cross_entropy(logits.reshape(len(cells), -1), cells)
    loss.backward()
    out["train"], out["loss"] = mark("logits", logits), loss.item()
    # of a pyramid's outputs the finest alone is asked for
    out["gradients"] = {ours(n): mark(ours(n), p.grad) for n, p in net.named_parameters() if p.grad is not None}
    out["buffers"] = {ours(n): mark(ours(n), b) for n, b in net.named_buffers() if "running" in n}
    return out


write("places.json", {arch: reference(arch) for arch in NETS}, 7)
