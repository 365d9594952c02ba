"""PyTorch's side of bench/slices: ResNet-18 on each of 9 slices, a bidirectional LSTM over
their features, and gated attention (Ilse et al. 2018) over what it gives. Images are decoded
once and lie in memory as bytes; flips and shifts of a batch are one grid_sample, as in the
runner.

    pytorch.py FOLDER EPOCHS BATCH THREADS    prints samples per second of each epoch
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
with open(folder / "series.csv") as f:
    table = list(csv.reader(f))[1:]
read = lambda row: np.stack([np.array(Image.open(folder / row[1] / f"{s}.png")) for s in range(1, 10)])
images = torch.stack([torch.from_numpy(read(row)) for row in table])
labels = torch.tensor([int(row[2]) for row in table])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = resnet([2, 2, 2, 2], False)
        self.backbone[-1] = nn.Identity()
        self.lstm = nn.LSTM(512, 256, batch_first=True, bidirectional=True)
        self.v, self.u, self.w = nn.Linear(512, 128), nn.Linear(512, 128), nn.Linear(128, 1)
        self.fc = nn.Linear(512, 3)

    def forward(self, x):
        b, s, h, w = x.shape
        x = self.backbone(x.reshape(b * s, 1, h, w).sub(mean).div(std)).reshape(b, s, -1)
        x, _ = self.lstm(x)
        a = torch.softmax(self.w(torch.tanh(self.v(x)) * torch.sigmoid(self.u(x))), 1)
        return self.fc((a * x).sum(1))


mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
net = Net().train()
step = torch.optim.Adam(net.parameters(), lr=1e-3, foreach=True)
split = int(0.8 * len(table))
for _ in range(epochs):
    begun, seen = time.perf_counter(), 0
    for part in torch.randperm(split).split(batch):
        x = images[part].float() / 255
        theta = torch.zeros(len(part), 2, 3)
        theta[:, 0, 0] = 1 - 2 * (torch.rand(len(part)) < 0.5).float()
        theta[:, 1, 1] = 1
        theta[:, :, 2] = (torch.rand(len(part), 2) - 0.5) * 0.2
        x = F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False, padding_mode="border")
        loss = F.cross_entropy(net(x), labels[part])
        step.zero_grad(set_to_none=True)
        loss.backward()
        step.step()
        seen += len(part)
    print(f"{seen / (time.perf_counter() - begun):.2f}", flush=True)
