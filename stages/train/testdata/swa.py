"""Writes swa.json: a linear layer and batch-norm whose weights are averaged over four states by
torch.optim.swa_utils.AveragedModel of PyTorch 2.11, with the statistics that update_bn measures for the
average, in float64.

    python swa.py > swa.json
"""
import json
import math
import sys

import torch
from torch.optim.swa_utils import AveragedModel, update_bn

f64 = torch.float64


def numbers(rows, columns, shift):  # exact in float32
    return torch.tensor([[round(256 * 2 * math.sin(1.7 * i + 0.9 * j + shift)) / 256 for j in range(columns)] for i in range(rows)], dtype=f64)


STATES = [(numbers(3, 4, s), numbers(1, 3, 2 + s)[0], numbers(1, 3, 5 + s)[0], numbers(1, 3, 7 + s)[0]) for s in range(4)]
BATCHES = [numbers(n, 4, 0.3 * n) for n in (8, 8, 5)]

net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3)).to(f64)
average = AveragedModel(net)
for state in STATES:
    with torch.no_grad():
        for p, v in zip(net.parameters(), state):
            p.copy_(v)
    average.update_parameters(net)
update_bn(BATCHES, average)
of = average.module
want = [of[0].weight, of[0].bias, of[1].weight, of[1].bias, of[1].running_mean, of[1].running_var]
json.dump({"states": [[v.flatten().tolist() for v in s] for s in STATES], "batches": [b.flatten().tolist() for b in BATCHES],
           "want": [v.flatten().tolist() for v in want]}, sys.stdout, indent=1)
