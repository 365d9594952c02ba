"""Writes window_attention.json: what torchvision's ShiftedWindowAttention makes of maps that
are no whole number of windows, and its gradients, for each shift.

    pip install torch torchvision numpy
    python window_attention.py
"""

import json

import torch
from torchvision.models.swin_transformer import ShiftedWindowAttention

WIDTH, HEADS, WINDOW = 6, 2, 3


def numbers(n, seed):
    """As Go makes them: a small linear congruential generator."""
    out, x = [], seed
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2**31
        out.append(x / 2**30 - 1)
    return out


def case(height, width, shift):
    layer = ShiftedWindowAttention(WIDTH, [WINDOW, WINDOW], [shift, shift], HEADS).double()
    for i, p in enumerate([layer.qkv.weight, layer.qkv.bias, layer.proj.weight, layer.proj.bias, layer.relative_position_bias_table]):
        p.data = torch.tensor(numbers(p.numel(), i + 1)).double().reshape(p.shape)
    x = torch.tensor(numbers(2 * height * width * WIDTH, 9)).double().reshape(2, height, width, WIDTH).requires_grad_()
    y = layer(x)
    (y * torch.tensor(numbers(y.numel(), 10)).double().reshape(y.shape)).sum().backward()
    short = lambda t: [round(v, 6) for v in t.detach().flatten().tolist()]
    return {"height": height, "width": width, "shift": shift, "out": short(y), "x": short(x.grad)[:60], "table": short(layer.relative_position_bias_table.grad)}


with open("window_attention.json", "w") as f:
    cases = [case(4, 7, 0), case(4, 7, 1), case(3, 6, 1), case(2, 3, 1), case(6, 3, 2)]
    json.dump({"torch": torch.__version__.split("+")[0], "cases": cases}, f, separators=(",", ":"))
    f.write("\n")
