#!/usr/bin/env python3
"""Makes reference.json: what torchvision's antialiased bilinear resize and
numpy's percentile give for small random images.

    pip install torch torchvision numpy && python make_reference.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2.functional import resize

rng = np.random.default_rng(7)


def short(values):
    return [round(float(v), 7) for v in values.ravel()]


def resized(height, width, side):
    image = rng.random((height, width)).round(3).astype(np.float32)
    out = resize(torch.from_numpy(image)[None], [side, side], InterpolationMode.BILINEAR, antialias=True)[0]
    return {"height": height, "width": width, "side": side,
            "pixels": short(image), "want": short(out.numpy())}


def percentile(values, percents):
    values = np.asarray(values, dtype=np.float32)
    return {"values": values.tolist(), "percents": percents,
            "want": np.percentile(values.astype(np.float64), percents).tolist()}


Path(__file__).with_name("reference.json").write_text(json.dumps({
    "resize": [resized(5, 7, 4), resized(9, 13, 16), resized(37, 23, 8), resized(12, 12, 12), resized(1, 6, 3), resized(20, 31, 29)],
    "percentiles": [
        percentile([3], [1, 99]),
        percentile([2, -1], [0, 100]),
        percentile([-5, 5, 0, -0.0, 1e-30, -1e30, 7], [1, 50]),
        percentile(rng.normal(0, 300, 101).round(), [1, 99]),
        percentile(rng.integers(0, 6, 60), [12.5, 87.5]),
        percentile(rng.random(97), [0.1, 99.9]),
    ],
}).replace("}, {", "},\n{") + "\n")
