"""Writes soft_labels.json: losses of a net that answers three targets of each image, whose
labels are mixed with votes, with gradients in float64 by PyTorch 2.11's cross_entropy of
probabilities. Votes are softened as the softmax of logits divided by a temperature.

    python soft_labels.py > soft_labels.json
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

B, Q, K = 4, 3, 3
f64 = torch.float64
LOGITS = torch.tensor([[round(256 * 2 * math.sin(1.3 * i + 0.7 * j)) / 256 for j in range(Q * K)] for i in range(B)], dtype=f64)
LABELS = torch.tensor([[0, 2, -1], [1, -1, 0], [2, 1, 1], [0, 0, -1]])  # -1: not known
VOTES = [[[3, 1, 0], [0, 0.25, 0.75], None], [[1, 1, 2], None, None], [None, [0.2, 0.7, 0.1], [0, 5, 0]], [[1, 1, 1], [0.5, 0.5, 0], None]]  # None: the file names none
CLASS = torch.tensor([0.5, 2, 4], dtype=f64)
PARTNER, SHARE = [1, 2, 3, 0], torch.tensor([0.75, 0.5, 1, 0.25], dtype=f64)
SWAP, CLASSES = [1, 0, 2], [0, 2, 1]  # targets, and classes, of left and right
MIRRORED = [False, True, False, True]
cases = {}


def soft(weight, temperature):
    """Labels (B, Q, K), as distillation writes them; anything where nothing is known."""
    q = F.one_hot(LABELS.clamp_min(0), K).to(f64)
    for i in range(B):
        for j in range(Q):
            if VOTES[i][j] is not None:
                logits = torch.tensor(VOTES[i][j], dtype=f64).log()
                q[i, j] = (1 - weight) * q[i, j] + weight * torch.softmax(logits / temperature, 0)
    return q


def case(name, formula, weight=0.4, temperature=2.0):
    z = LOGITS.clone().requires_grad_()
    value = formula(z.view(B, Q, K), soft(weight, temperature))
    value.backward()
    cases[name] = {"weight": weight, "temperature": temperature, "want": value.item(), "grad": z.grad.flatten().tolist()}


def weighed(z, q):
    known = LABELS >= 0
    return F.cross_entropy(z[known], q[known], CLASS)  # over the number of cases


def plain(z, q):
    known = LABELS >= 0
    return F.cross_entropy(z[known], q[known])


def each(z, q):
    return F.cross_entropy(z.reshape(B * Q, K), q.reshape(B * Q, K), reduction="none").view(B, Q)


def mixed(z, q):
    known, share = (LABELS >= 0).to(f64), SHARE.unsqueeze(1)
    own, other = share * known, (1 - share) * known[PARTNER]
    return (own * each(z, q) + other * each(z, q[PARTNER])).sum() / (own + other).sum()


def mirrored(z, q):
    labels, q = LABELS.clone(), q.clone()
    for i, swap in enumerate(MIRRORED):
        if swap:
            labels[i, SWAP], q[i, SWAP] = LABELS[i], q[i].clone()[:, CLASSES]
    known = labels >= 0
    return F.cross_entropy(z[known], q[known], CLASS)


case("plain", plain)
case("file alone", plain, weight=1, temperature=1)
case("sharper", plain, temperature=0.5)
case("class weights", weighed)
case("mixed", mixed)
case("mirrored", mirrored)
json.dump({"logits": LOGITS.flatten().tolist(), "labels": LABELS.tolist(), "votes": VOTES, "class_weights": CLASS.tolist(), "partner": PARTNER,
           "share": SHARE.tolist(), "swap": SWAP, "classes": CLASSES, "mirrored": MIRRORED, "cases": cases}, sys.stdout, indent=1)
