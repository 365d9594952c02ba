"""Writes products.json: what torch.utils.flop_counter counts for one image of 64 pixels,
in operations, two for each multiply-add. Names are those of what is trained. Attention is
computed step by step: fused kernels compute some products twice.

    pip install torch torchvision
    python products.py
"""

import json

import torch
import torchvision
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

RESNET = {"all": "", "head": "fc.", "top": ("layer4.", "fc."), "norms": (".bn", "bn1.", ".downsample.1")}
VIT = {"all": "", "head": "heads.head.", "top": ("encoder_layer_11.", "encoder.ln.", "heads.head."), "norms": ".ln", "positions": "pos_embedding"}
SWIN = {"all": "", "head": "head.", "top": ("features.7.", "head."), "norms": "norm", "positions": "bias_table"}
NETS = {"resnet18": RESNET, "resnet50": RESNET, "vit_b_16": VIT, "swin_t": SWIN}


def counted(name, words):
    net = getattr(torchvision.models, name)(num_classes=3, **({"image_size": 64} if "vit" in name else {}))
    for path, p in net.named_parameters():
        p.requires_grad = any(word in path for word in ([words] if isinstance(words, str) else words))
    with sdpa_kernel(SDPBackend.MATH):
        with FlopCounterMode(display=False) as forward:
            logits = net(torch.zeros(2, 3, 64, 64))
        with FlopCounterMode(display=False) as backward:
            logits.sum().backward()
    return [forward.get_total_flops() // 2, backward.get_total_flops() // 2]


with open("products.json", "w") as f:
    made = {name: {words: counted(name, trained[words]) for words in trained} for name, trained in NETS.items()}
    json.dump({"torch": torch.__version__.split("+")[0], **made}, f, indent=1)
    f.write("\n")
