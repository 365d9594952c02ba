"""Writes efficientnet_norms.json: epsilon and momentum of all batch-norms of torchvision's EfficientNets.

    pip install torch torchvision
    python efficientnet_norms.py
"""

import json

import torch
import torchvision

norms = {}
for name in ["efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"]:
    found = {(m.eps, m.momentum) for m in getattr(torchvision.models, name)().modules() if isinstance(m, torch.nn.BatchNorm2d)}
    (norms[name],) = found  # the same of all layers
with open("efficientnet_norms.json", "w") as f:
    json.dump({"torchvision": torchvision.__version__, "norms": norms}, f, indent=1)
    f.write("\n")
