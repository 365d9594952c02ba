"""Writes targets.json: losses of a net that answers three targets of each image, some of
them not known, with gradients in float64 by PyTorch 2.11.

    python targets.py > targets.json
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
COUNTS = torch.tensor([[60, 25, 4], [10, 20, 30], [7, 7, 7]], dtype=f64)  # training cases of each target and class
PARTNER, SHARE = [1, 2, 3, 0], torch.tensor([0.75, 0.5, 1, 0.25], dtype=f64)
SWAP = [1, 0, 2]  # targets of left and right
MIRRORED = [False, True, False, True]
BALANCED = COUNTS.sum(1, keepdim=True) / (K * COUNTS)  # scikit-learn's, of each target
cases = {}


def case(name, formula):
    z = LOGITS.clone().requires_grad_()
    value = formula(z.view(B, Q, K))
    value.backward()
    cases[name] = {"want": value.item(), "grad": z.grad.flatten().tolist()}


def each(z, labels, weights=None):
    """Cross-entropies (B, Q) and their weights, both 0 where nothing is known."""
    known = (labels >= 0).to(f64)
    loss = F.cross_entropy(z.reshape(B * Q, K), labels.clamp_min(0).reshape(-1), reduction="none").view(B, Q)
    w = known if weights is None else known * torch.gather(weights.expand(B, Q, K), 2, labels.clamp_min(0).unsqueeze(2)).squeeze(2)
    return loss * w, w


def mean(loss, w):
    return loss.sum() / w.sum()


def focal(z):
    known, true = LABELS >= 0, LABELS.clamp_min(0).unsqueeze(2)
    p = torch.softmax(z, 2).gather(2, true).squeeze(2)
    alpha = BALANCED.expand(B, Q, K).gather(2, true).squeeze(2)
    return (-alpha * (1 - p) ** 2 * p.log())[known].mean()


def mixed(z):
    own, w = each(z, LABELS)
    other, v = each(z, LABELS[PARTNER])
    share = SHARE.unsqueeze(1)
    return mean(share * own + (1 - share) * other, share * w + (1 - share) * v)


def mirrored(z):
    labels = LABELS.clone()
    for i, swap in enumerate(MIRRORED):
        if swap:
            labels[i, SWAP] = LABELS[i]
    return mean(*each(z, labels, BALANCED))


def adjusted(z):
    return mean(*each(z + (COUNTS / COUNTS.sum(1, keepdim=True)).log(), LABELS))


def pairs(z):  # of the same target, pair by pair
    odds, terms = torch.logit(torch.softmax(z, 2)), []
    for q in range(Q):
        known = [i for i in range(B) if LABELS[i, q] >= 0]
        for k in range(K):
            above = [(1 - odds[i, q, k] + odds[j, q, k]).clamp_min(0) ** 2
                     for i in known for j in known if LABELS[i, q] == k != LABELS[j, q]]
            if above:
                terms.append((sum(above) / len(above), BALANCED[q, k]))
    return sum(w * t for t, w in terms) / sum(w for _, w in terms)


case("plain", lambda z: mean(*each(z, LABELS)))
case("balanced", lambda z: mean(*each(z, LABELS, BALANCED)))
case("focal", focal)
case("mixed", mixed)
case("mirrored", mirrored)
case("adjusted", adjusted)
case("pairs", pairs)
json.dump({"logits": LOGITS.flatten().tolist(), "labels": LABELS.tolist(), "counts": COUNTS.int().tolist(), "partner": PARTNER, "share": SHARE.tolist(),
           "swap": SWAP, "mirrored": MIRRORED, "cases": cases}, sys.stdout, indent=1)
