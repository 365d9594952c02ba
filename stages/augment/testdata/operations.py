"""Writes operations.json: how far the operations of torchvision 0.26's TrivialAugmentWide and RandAugment go at
levels 0, 9 and 30 of an image of 331 × 662 pixels.

    python operations.py > operations.json
"""
import json
import sys

import torch
from torchvision.transforms import RandAugment, TrivialAugmentWide

H, W = 331, 662
spaces = {"trivial_augment": TrivialAugmentWide()._augmentation_space(31), "rand_augment": RandAugment()._augmentation_space(31, (H, W))}
json.dump({"height": H, "width": W, "levels": [0, 9, 30], "spaces": {
    name: {op: {"magnitudes": [float(m[i]) if m.ndim else 0.0 for i in (0, 9, 30)], "signed": signed} for op, (m, signed) in space.items()}
    for name, space in spaces.items()}}, sys.stdout, indent=1)
