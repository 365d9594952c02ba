"""Writes center_crop.json: where torchvision.transforms.CenterCrop begins in images of some sizes.

    pip install torch torchvision
    python center_crop.py
"""

import json

import torch
import torchvision

cases = []
for height, width, side in ((8, 8, 8), (8, 8, 6), (9, 8, 6), (9, 11, 4), (7, 10, 4), (11, 9, 2)):
    rows = torch.arange(height * width, dtype=torch.float32).reshape(1, 1, height, width)
    out = torchvision.transforms.CenterCrop(side)(rows)
    cases.append({"height": height, "width": width, "side": side, "first": int(out[0, 0, 0, 0]), "last": int(out[0, 0, -1, -1])})
with open("center_crop.json", "w") as f:
    json.dump({"torchvision": torchvision.__version__.split("+")[0], "cases": cases}, f)
    f.write("\n")
