"""Writes pools.json: what PyTorch makes of maps by each pooling of places, and the gradients
of the maps, and of GeM's exponent, under the loss Σ output · a fixed tensor.

    pip install torch torchvision numpy
    python pools.py
"""

import numpy as np
import torch
from torch.nn import functional as F

from make_reference import fill, write

B, C, H, W = 2, 3, 4, 5


def gem(x, p):
    """Radenović et al. 2018, equation 3, with the clamp of the authors' program."""
    return x.clamp(min=1e-6).pow(p).mean((2, 3)).pow(1 / p)


def reference(pool, exponent=None):
    x = torch.tensor(fill("input", (B, C, H, W)).astype(np.float32)).double().requires_grad_()
    p = torch.tensor([exponent or 1.0], dtype=torch.float64, requires_grad=True)
    y = pool(x, p)
    (y * torch.tensor(fill("input", (B, C)).astype(np.float32)).double()).sum().backward()
    out = {"output": y.tolist(), "input": x.grad.flatten().tolist()}
    return out if exponent is None else {**out, "exponent": p.grad.item()}


write("pools.json", {
    "average": reference(lambda x, p: F.adaptive_avg_pool2d(x, 1).flatten(1)),
    "max": reference(lambda x, p: F.adaptive_max_pool2d(x, 1).flatten(1)),
    "average_max": reference(lambda x, p: 0.5 * (F.adaptive_avg_pool2d(x, 1) + F.adaptive_max_pool2d(x, 1)).flatten(1)),
    "gem": reference(gem, 3.0),
}, 9)
