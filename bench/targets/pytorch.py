"""PyTorch's side of bench/targets: ResNet-18 on 14 findings with masked binary
cross-entropy. Images are decoded once and lie in memory as bytes; flips and shifts of a
batch are one grid_sample, as in the runner.

    pytorch.py FOLDER EPOCHS BATCH THREADS    prints images per second of each epoch
"""
import csv
import pathlib
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "train"))
from peer import resnet  # noqa: E402

folder, epochs, batch, threads = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:5])
torch.set_num_threads(threads)
torch.manual_seed(1)
with open(folder / "findings.csv") as f:
    table = list(csv.reader(f))[1:]
images = torch.stack([torch.from_numpy(np.array(Image.open(folder / row[1]))) for row in table])
answers = torch.tensor([[float(v) if v else -1.0 for v in row[2:]] for row in table])
split = int(0.8 * len(table))
net = resnet([2, 2, 2, 2], False)
net[-1] = nn.Linear(512, answers.shape[1])
net.train()
step = torch.optim.Adam(net.parameters(), lr=1e-3, foreach=True)
mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
for _ in range(epochs):
    begun, seen = time.perf_counter(), 0
    for part in torch.randperm(split).split(batch):
        x = images[part].unsqueeze(1).float() / 255
        theta = torch.zeros(len(part), 2, 3)
        theta[:, 0, 0] = 1 - 2 * (torch.rand(len(part)) < 0.5).float()
        theta[:, 1, 1] = 1
        theta[:, :, 2] = (torch.rand(len(part), 2) - 0.5) * 0.2
        x = F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False, padding_mode="border")
        x = (x - mean) / std
        y = answers[part]
        known = (y >= 0).float()
        loss = (F.binary_cross_entropy_with_logits(net(x), y.clamp_min(0), reduction="none") * known).sum() / known.sum()
        step.zero_grad(set_to_none=True)
        loss.backward()
        step.step()
        seen += len(part)
    print(f"{seen / (time.perf_counter() - begun):.2f}", flush=True)
