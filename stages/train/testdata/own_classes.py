"""Writes own_classes.json: losses of a net that answers three targets of each image, of
which two have three classes and the third four of its own, with gradients in float64 by
PyTorch 2.11. Labels are indices into all classes, of which AMONG says which are whose.

    python own_classes.py > own_classes.json
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

B, Q, f64 = 4, 3, torch.float64
AMONG = [[0, 1, 2], [0, 1, 2], [4, 1, 3, 5]]  # in the order that they have for the target
LABELS = [[0, 2, -1], [1, -1, 4], [2, 1, 5], [0, 0, 3]]  # -1: not known
COUNTS = [[60, 25, 4], [10, 20, 30], [7, 2, 5, 11]]  # training cases of each target's classes
PARTNER, SHARE = [1, 2, 3, 0], [0.75, 0.5, 1, 0.25]
SWAP, MIRRORED = [1, 0, 2], [False, True, False, True]
cases = {}


def logits(outputs):
    return torch.tensor([[round(256 * 2 * math.sin(1.3 * i + 0.7 * j)) / 256 for j in range(outputs)] for i in range(B)], dtype=f64)


def case(name, sizes, formula):
    z = logits(sum(sizes)).requires_grad_()
    value = formula(z.split(sizes, 1))
    value.backward()
    cases[name] = {"logits": z.detach().flatten().tolist(), "want": value.item(), "grad": z.grad.flatten().tolist()}


def mean(parts):
    """The weighted mean of (loss, weight) of all known answers."""
    return sum(loss for loss, _ in parts) / sum(weight for _, weight in parts)


def of(z, image, target, label, smoothing=0.0, balanced=False, factor=1.0):
    """Loss and weight of an answer."""
    k, n = AMONG[target].index(label), torch.tensor(COUNTS[target], dtype=f64)
    weights = n.sum() / (len(n) * n) if balanced else torch.ones_like(n)
    loss = F.cross_entropy(z[target][image : image + 1], torch.tensor([k]), weight=weights, label_smoothing=smoothing, reduction="sum")
    return factor * loss, factor * weights[k]


def known(labels=LABELS):
    return [(i, q, labels[i][q]) for i in range(B) for q in range(Q) if labels[i][q] >= 0]


def mixed(z):
    parts = []
    for i in range(B):
        for share, labels in ((SHARE[i], LABELS[i]), (1 - SHARE[i], LABELS[PARTNER[i]])):
            parts += [of(z, i, q, label, factor=share) for q, label in enumerate(labels) if label >= 0]
    return mean(parts)


def mirrored(z):
    labels = [[row[SWAP[q]] for q in range(Q)] if MIRRORED[i] else row for i, row in enumerate(LABELS)]
    return mean([of(z, *one, balanced=True) for one in known(labels)])


def corn(z):
    """corn_loss of coral_pytorch, its conditional tasks those of all targets together."""
    loss, tasks = 0.0, 0
    for i, q, label in known():
        k = AMONG[q].index(label)
        for task in range(len(AMONG[q]) - 1):
            if task <= k:
                loss = loss - F.logsigmoid(z[q][i, task] if k > task else -z[q][i, task])
                tasks += 1
    return loss / tasks


case("smoothed", [3, 3, 4], lambda z: mean([of(z, *one, smoothing=0.1) for one in known()]))
case("balanced", [3, 3, 4], lambda z: mean([of(z, *one, balanced=True) for one in known()]))
WEIGHTS = [1, 0.5, 3]
case("targets weighed", [3, 3, 4], lambda z: mean([of(z, i, q, label, balanced=True, factor=WEIGHTS[q]) for i, q, label in known()]))
case("mixed", [3, 3, 4], mixed)
case("mirrored", [3, 3, 4], mirrored)
case("corn", [2, 2, 3], corn)
json.dump({"among": AMONG, "labels": LABELS, "counts": COUNTS, "partner": PARTNER, "share": SHARE, "swap": SWAP, "mirrored": MIRRORED, "cases": cases}, sys.stdout, indent=1)
