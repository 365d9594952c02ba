"""Writes methods.json: losses of pretraining methods with their gradients, in float64, by lightly 1.6.0
with PyTorch 2.11; and what nearest neighbours say of features, by scikit-learn with the weights of
DINO's eval_knn. Views of an image stand side by side, as the program has them.

    pip install lightly lightly_utils --no-deps
    python methods.py > methods.json
"""
import json
import math
import sys

import numpy as np
import torch
from lightly.loss import NTXentLoss, VICRegLoss
from sklearn.metrics import balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier

f64 = torch.float64


def wave(rows, columns, scale, step):
    """Numbers that float32 holds exactly."""
    return [[round(256 * scale * math.sin(1.3 * i + step * j + 0.1 * i * j)) / 256 for j in range(columns)] for i in range(rows)]


def loss(name, part, z, of, reference):
    z = torch.tensor(z, dtype=f64, requires_grad=True)
    value = of(z[0::2], z[1::2])
    value.backward()
    return {"name": name, "part": part, "reference": reference, "z": z.tolist(), "value": value.item(), "gradient": z.grad.tolist()}


def simclr(name, z, temperature):
    return loss(name, {"simclr": {"temperature": temperature}}, z, NTXentLoss(temperature=temperature), "lightly NTXentLoss")


def vicreg(name, z, weights=(25.0, 25.0, 1.0)):
    part = {"vicreg": dict(zip(("invariance", "variance", "covariance"), weights))}
    return loss(name, part, z, VICRegLoss(*weights), "lightly VICRegLoss")


wide = wave(12, 7, 1.5, 0.7)
still = wave(12, 7, 0.25, 0.7)
same = [row for row in wave(6, 5, 1, 0.4) for _ in range(2)]

losses = [
    simclr("temperature 0.1", wide, 0.1),
    simclr("temperature 0.5", wide, 0.5),
    simclr("two images", wide[:4], 0.2),
    simclr("equal views", same, 0.1),
    vicreg("the paper's weights", wide),
    vicreg("little spread", still),
    vicreg("other weights", wide, (10.0, 5.0, 2.0)),
    vicreg("two images", wide[:4]),
]

# features of 40 labelled images and of 15 others, of three classes of unequal size
taught, asked = np.array(wave(40, 6, 1, 0.9)), np.array(wave(15, 6, 1.1, 0.85))
labels = [0 if i % 5 < 3 else 1 if i % 5 == 3 else 2 for i in range(40)]
truth = [(i * 7) % 3 for i in range(15)]
knn = KNeighborsClassifier(n_neighbors=20, metric="cosine", algorithm="brute", weights=lambda d: np.exp((1 - d) / 0.07))
knn.fit(taught, labels)
said = knn.predict(asked).tolist()
neighbours = {"taught": taught.tolist(), "labels": labels, "asked": asked.tolist(), "truth": truth, "said": said, "balanced_accuracy": balanced_accuracy_score(truth, said)}

json.dump({"losses": losses, "neighbours": neighbours}, sys.stdout)
