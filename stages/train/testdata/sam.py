"""Writes sam.json: 20 steps of SAM and ASAM (Foret et al. 2021, algorithm 1; Kwon et al. 2021, equation 8
without the small number) around torch.optim 2.11, in float64, on f(w) = sum(a * w**4 / 4).

    python sam.py > sam.json
"""
import json
import sys

import torch

STEPS, RATE = 20, 0.1
START, A = [1.0, -2.0, 0.5, 3.0], [0.125, 0.0625, 0.25, 0.03125]
a = torch.tensor(A, dtype=torch.float64)


def gradient(at):
    w = at.detach().clone().requires_grad_()
    (a * w**4 / 4).sum().backward()
    return w.grad


def run(make, rho, adaptive):
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    o = make([w])
    for _ in range(STEPS):
        at = w.detach()
        g, t = gradient(at), at.abs() if adaptive else torch.ones_like(at)
        away = at + rho * t**2 * g / (t * g).norm()
        w.grad = gradient(away)
        o.step()
    return w.tolist()


T = torch.optim
json.dump({"rate": RATE, "start": START, "a": A, "cases": [
    {"name": "sam on sgd", "rho": 0.5, "adaptive": False, "optimizer": "sgd", "want": run(lambda p: T.SGD(p, RATE, momentum=0.9), 0.5, False)},
    {"name": "sam on adam", "rho": 0.5, "adaptive": False, "optimizer": "adam", "want": run(lambda p: T.Adam(p, RATE), 0.5, False)},
    {"name": "asam on sgd", "rho": 0.25, "adaptive": True, "optimizer": "sgd", "want": run(lambda p: T.SGD(p, RATE, momentum=0.9), 0.25, True)},
]}, sys.stdout, indent=1)
