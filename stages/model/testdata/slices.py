"""Writes slices.json: what PyTorch computes for poolings of slices, with weights that both
sides make by the rule of make_reference.py: outputs, the gradient of the input and of each
weight under the loss Σ output · a fixed tensor, as norm and probe.

    pip install torch torchvision numpy
    python slices.py
"""

import numpy as np
import torch
from torch import nn

from make_reference import fill, u, write

B, S, F = 3, 5, 12


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(1)


class Max(nn.Module):
    def forward(self, x):
        return x.amax(1)


class Attention(nn.Module):
    """Ilse et al. 2018, equations 7 to 9, with the linear layers of their program."""

    def __init__(self, features, units, gated, branches):
        super().__init__()
        self.attention_v = nn.Linear(features, units)
        self.attention_u = nn.Linear(features, units) if gated else None
        self.attention_w = nn.Linear(units, branches)

    def forward(self, x):
        hidden = torch.tanh(self.attention_v(x))
        if self.attention_u is not None:
            hidden = hidden * torch.sigmoid(self.attention_u(x))
        a = torch.softmax(self.attention_w(hidden), 1)  # B, S, branches
        return torch.cat([(a[:, :, [n]] * x).sum(1) for n in range(a.shape[2])], 1)


class LSTM(nn.Module):
    def __init__(self, features, units, layers, bidirectional, pool):
        super().__init__()
        self.lstm, width = nn.ModuleList(), features
        for _ in range(layers):
            self.lstm.append(nn.LSTM(width, units, batch_first=True, bidirectional=bidirectional))
            width = units * (2 if bidirectional else 1)
        self.pool = pool(width)

    def forward(self, x):
        for layer in self.lstm:
            x = layer(x)[0]
        return self.pool(x)


class Transformer(nn.Module):
    def __init__(self, slices, features, units, layers, heads, pool):
        super().__init__()
        self.project = nn.Linear(features, units)
        self.positions = nn.Parameter(torch.zeros(slices, units))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(units, heads, 4 * units, 0, "gelu", batch_first=True, norm_first=True) for _ in range(layers))
        self.norm = nn.LayerNorm(units)
        self.pool = pool(units)

    def forward(self, x):
        x = self.project(x) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.pool(self.norm(x))


def reference(net):
    net = net.double()
    state = net.state_dict()
    for name, t in state.items():
        state[name] = torch.tensor(fill(name, tuple(t.shape), 6).astype(np.float32)).double()
    net.load_state_dict(state)
    x = torch.tensor(fill("input", (B, S, F)).astype(np.float32)).double().requires_grad_()
    y = net.train()(x)
    (y * torch.tensor(fill("input", tuple(y.shape)).astype(np.float32)).double()).sum().backward()

    def mark(name, t):
        v = t.detach().numpy().ravel()
        return [float(np.linalg.norm(v)), float(v @ u("probe " + name, v.size))]

    gradients = {n: mark(n, p.grad) for n, p in net.named_parameters()}
    return {"output": y.tolist(), "gradients": {**gradients, "input": mark("input", x.grad)}}


write("slices.json", {
    "mean": reference(Mean()),
    "max": reference(Max()),
    "attention": reference(Attention(F, 7, True, 1)),
    "attention, two branches": reference(Attention(F, 7, False, 2)),
    "lstm": reference(LSTM(F, 6, 2, True, lambda width: Attention(width, 5, True, 1))),
    "lstm, forwards": reference(LSTM(F, 6, 1, False, lambda width: Max())),
    "transformer": reference(Transformer(S, F, 8, 2, 4, lambda width: Mean())),
}, 9)
