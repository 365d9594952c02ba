"""Writes vit.json: what torchvision's interpolate_embeddings makes of positions of 3 × 3 and
5 × 5 patches, and for images that are no squares torch's interpolate with its settings.

    pip install torch torchvision numpy
    python vit.py
"""

import numpy as np
import torch
from torchvision.models.vision_transformer import interpolate_embeddings

from make_reference import u, write

WIDTH, PATCH = 4, 16


def positions(side):
    return torch.tensor(u("positions", (side * side + 1) * WIDTH).astype(np.float32)).reshape(1, -1, WIDTH)


def square(side, to):
    state = interpolate_embeddings(to * PATCH, PATCH, {"encoder.pos_embedding": positions(side)})
    return state["encoder.pos_embedding"].flatten().tolist()


def other(side, down, across):
    p = positions(side)
    maps = p[:, 1:].permute(0, 2, 1).reshape(1, WIDTH, side, side)
    maps = torch.nn.functional.interpolate(maps, size=(down, across), mode="bicubic", align_corners=True)
    return torch.cat([p[:, :1], maps.reshape(1, WIDTH, -1).permute(0, 2, 1)], 1).flatten().tolist()


write("vit.json", {"cases": [
    {"side": 3, "down": 5, "across": 5, "want": square(3, 5)},
    {"side": 5, "down": 2, "across": 2, "want": square(5, 2)},
    {"side": 3, "down": 2, "across": 4, "want": other(3, 2, 4)},
]}, 7)
