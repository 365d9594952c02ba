"""Writes products.json: what torch.utils.flop_counter counts for one image of 64 pixels,
in operations, two for each multiply-add. Names are those of what is trained.

    pip install torch torchvision
    python products.py
"""

import json

import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode

TRAINED = {"all": "", "head": "fc.", "top": ("layer4.", "fc."), "norms": (".bn", "bn1.", ".downsample.1")}


def counted(name, words):
    net = getattr(torchvision.models, name)(num_classes=3)
    for path, p in net.named_parameters():
        p.requires_grad = any(word in path for word in ([words] if isinstance(words, str) else words))
    with FlopCounterMode(display=False) as forward:
        logits = net(torch.zeros(2, 3, 64, 64))
    with FlopCounterMode(display=False) as backward:
        logits.sum().backward()
    return [forward.get_total_flops() // 2, backward.get_total_flops() // 2]


with open("products.json", "w") as f:
    made = {name: {words: counted(name, TRAINED[words]) for words in TRAINED} for name in ("resnet18", "resnet50")}
    json.dump({"torch": torch.__version__.split("+")[0], **made}, f, indent=1)
    f.write("\n")
