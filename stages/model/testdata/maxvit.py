"""Writes maxvit.json: a small MaxViT of torchvision (small_nets.py).

    pip install torch torchvision numpy
    python maxvit.py
"""

import torch
import torchvision
from torchvision.models.maxvit import MaxVit

from make_reference import write
from small_nets import case

STEM, WIDTHS, BLOCKS, HEAD, SIDE = 8, [8, 16, 16, 24], [1, 2, 1, 1], 4, 2
net = MaxVit((128, 128), STEM, SIDE, WIDTHS, BLOCKS, HEAD, 0.0)
net.classifier[5] = torch.nn.Identity()
write("maxvit.json", {"torchvision": torchvision.__version__.split("+")[0],
    "stem": STEM, "widths": WIDTHS, "blocks": BLOCKS, "head": HEAD, "side": SIDE, "cases": {"torchvision": case(net, lambda net, x: net(x), (128, 128))}}, 9)
