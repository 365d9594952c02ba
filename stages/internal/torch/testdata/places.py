"""Writes places.json: what a point is to the cells of a grid (number and share of those with some), and
what cells say of places, by NumPy alone.

    python places.py > places.json
"""
import json
import numpy as np

rng = np.random.default_rng(3)
height, width, stride, reach = 32, 48, 4, 5.0
h, w = height // stride, width // stride


def places(matrix):
    """Where pixels are read, in pixels from the middle."""
    y, x = np.mgrid[:height, :width]
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    p = np.stack([x, y, np.ones_like(x)])
    q = np.tensordot(matrix, p, 1)
    return np.moveaxis(q[:2] / q[2], 0, -1).astype(np.float32)


def cells(read, image, points):
    out = []
    for i, (px, py) in zip(image, points):
        middle = read[i].reshape(h, stride, w, stride, 2).mean((1, 3)).reshape(-1, 2)
        d = np.hypot(middle[:, 0] - px, middle[:, 1] - py)
        bell = np.exp(-(d / (stride / 2)) ** 2 / 2) if d.min() <= reach else np.zeros(h * w)
        shares = np.append(bell / max(bell.sum(), 1e-300), 0 if bell.any() else 1)
        at = np.flatnonzero(shares > 1e-6)
        out.append([[int(i), float(shares[i])] for i in at])
    return out


def found(logits, radius, modes):
    p = np.exp(logits - logits.max(1, keepdims=True))
    p = (p / p.sum(1, keepdims=True))[:, :-1].reshape(-1, h, w)
    rows = []
    for grid in p.copy():
        said = []
        for _ in range(modes):
            r, c = divmod(int(grid.argmax()), w)
            top, left = max(0, r - radius), max(0, c - radius)
            part = grid[top:r + radius + 1, left:c + radius + 1].copy()
            y, x = np.mgrid[top:top + part.shape[0], left:left + part.shape[1]] * stride + (stride - 1) / 2
            said += [part.sum(), (part * x).sum() / part.sum(), (part * y).sum() / part.sum()]
            grid[top:r + radius + 1, left:c + radius + 1] = 0
        rows.append([float(v) for v in said])
    return rows


angle = np.radians(25)
matrices = [np.eye(3), np.array([[1.2 * np.cos(angle), -np.sin(angle), 4], [np.sin(angle), np.cos(angle), -3], [0.002, -0.001, 1]])]
read = np.stack([places(m) for m in matrices])
image = [0, 0, 1, 1, 1, 0]
points = [[0.2, 0.3], [-23.5, -15.5], [5.0, -3.0], [-9.25, 7.5], [400.0, 0.0], [29.5, 0.0]]
logits = rng.normal(0, 2, (5, h * w + 1)).round(3)
logits[0, 7 * w + 11] = 9  # in a corner
logits[1] *= 0.01  # hardly a difference
logits[2, h * w] = 30  # nowhere
json.dump({
    "height": height, "width": width, "stride": stride, "reach": reach,
    "places": read.ravel().round(3).tolist(), "image": image, "points": points,
    "cells": cells(read.round(3), image, points), "still": cells(read.round(3)[:1], [0] * 6, points),
    "logits": logits.round(5).ravel().tolist(), "radius": 2, "modes": 3, "found": found(logits.round(5), 2, 3),
}, __import__("sys").stdout)
