#!/usr/bin/env python3
"""Makes steps.json: what OpenCV, torchvision, Keras' formula, pydicom, MONAI, scikit-image, NumPy and
tf.image's central_crop give for small images. Each entry is a step as YAML, what
goes in and what must come out, channel by channel.

    pip install opencv-python-headless torch torchvision monai scikit-image pydicom numpy && python make_steps.py
"""

import json
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision.transforms.v2.functional as F
from monai.transforms import CropForeground
from pydicom.dataset import Dataset
from pydicom.pixels import apply_windowing
from skimage.filters import threshold_otsu
from skimage.measure import label
from torchvision.transforms.v2 import InterpolationMode

rng = np.random.default_rng(11)
entries = []


def short(values):
    return [float(f"{v:.6g}") for v in np.asarray(values, np.float64).ravel()]


def add(step, image, want, **more):
    """Images are (height, width) or (channels, height, width)."""
    image, want = np.asarray(image), np.asarray(want)
    image, want = (a if a.ndim == 3 else a[None] for a in (image, want))
    for name in ("net", "train"):
        if name in more:
            more[name] = short(more[name])
    entries.append({"step": step, "in": list(image.shape), "pixels": short(image), "out": list(want.shape), "want": short(want), **more})


def image(height, width):
    return rng.random((height, width)).round(3).astype(np.float32)


# resize: stretch
for by, flag in {"linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA, "cubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}.items():
    for height, width, to_height, to_width in [(9, 13, 6, 5), (9, 8, 3, 4), (7, 5, 12, 16), (6, 11, 9, 7), (1, 1, 3, 2)]:
        a = image(height, width)
        add(f"resize: {{pixels: {to_width}, height: {to_height}, by: {by}}}", a, cv2.resize(a, (to_width, to_height), interpolation=flag))

# resize: aspect. pad as longest side and zeros, crop as torchvision's resize of the shortest side and center_crop.
a = image(10, 16)
small = F.resize(torch.from_numpy(a)[None], [5, 8], InterpolationMode.BILINEAR, antialias=True)[0].numpy()
padded = np.zeros((8, 8), np.float32)
padded[1:6] = small
add("resize: {pixels: 8, aspect: pad}", a, padded)
a = image(10, 16)
small = F.resize(torch.from_numpy(a)[None], 5, InterpolationMode.BILINEAR, antialias=True)
add("resize: {pixels: 5, aspect: crop}", a, small[0].numpy()[:, (small.shape[2] - 5) // 2:][:, :5])

# resample: nnU-Net's rounding of the new size
a = image(9, 13)
add("resample: {millimetres: 1, by: linear}", a, cv2.resize(a, (round(13 * 0.7), round(9 * 1.3)), interpolation=cv2.INTER_LINEAR), spacing=[1.3, 0.7])

# crop around the centre: torchvision's center_crop; tf.image.central_crop keeps int((h - h*f) / 2) rows off
for height, width, side in [(9, 13, 4), (8, 12, 5), (5, 9, 7), (4, 4, 7)]:
    a = image(height, width)
    add(f"crop: {{around: centre, pixels: {side}, outside: zero}}", a, F.center_crop(torch.from_numpy(a)[None], [side, side])[0].numpy())
a = image(8, 12)
add("crop: {around: centre, fraction: 0.5}", a, a[2:6, 3:9])

# crop around points: OpenCV's warpAffine. Its weights have five bits for the part of a pixel, so places are multiples of 1/32.
def warp(a, centre, side, cosine=1.0, sine=0.0, border=cv2.BORDER_REPLICATE):
    m = (side - 1) / 2
    inward = np.array([[cosine, -sine, centre[0] - cosine * m + sine * m], [sine, cosine, centre[1] - sine * m - cosine * m]])
    return cv2.warpAffine(a, inward, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border)

a = image(12, 15)
add("crop: {around: point, pixels: 6}", a, warp(a, (4.25, 6.5), 6), point=[4.25, 6.5])
add("crop: {around: point, pixels: 7}", a, warp(a, (1.125, 10.75), 7), point=[1.125, 10.75])
add("crop: {around: point, pixels: 7, outside: zero}", a, warp(a, (1.125, 10.75), 7, border=cv2.BORDER_CONSTANT), point=[1.125, 10.75])
marks = {"a": [4.0, 2.0], "b": [4.0, 8.0]}  # turned by a quarter: exact
add("crop: {around: two_points, points: [a, b], pixels: 5, level: true}", a, warp(a, (4, 5), 5, 0.0, 1.0), marks=marks)
add("crop: {around: two_points, points: [a, b], distances: 1.5}", a, warp(a, (4, 5), 9), marks=marks)
add("crop: {around: two_points, points: [b, a], pixels: 5, level: true, outside: zero}", a, warp(a, (4, 5), 5, 0.0, -1.0, cv2.BORDER_CONSTANT), marks=marks)
# by the spacing of levels: of 4 pixels, of 5 mm where pixels are 0.75 mm apart, and unknown
add("crop: {around: point, level_spacings: 1.5}", a, warp(a, (4.25, 6.5), 6), point=[4.25, 6.5], levels=[4, 0])
add("crop: {around: point, level_spacings: 1.2, pixels: 3}", a, warp(a, (4.25, 6.5), round(1.2 * 5 / 0.75)), point=[4.25, 6.5], spacing=[0.75, 0.75], levels=[5, 1])
add("crop: {around: point, level_spacings: 1.5, pixels: 7}", a, warp(a, (4.25, 6.5), 7), point=[4.25, 6.5])
add("crop: {around: two_points, points: [a, b], level_spacings: 0.5, level: true}", a, warp(a, (4, 5), 5, 0.0, 1.0), marks=marks, levels=[10, 0])

# window
a = (rng.integers(-200, 1500, (7, 9))).astype(np.float32)
low, high = np.percentile(a, [2, 97])
add("window: {percentiles: [2, 97], scope: crop}", a, ((a - low) / (high - low)).clip(0, 1))
add("window: {by: min_max, scope: crop}", a, (a - a.min()) / (a.max() - a.min()))
b = abs(a)
add("window: {by: maximum, scope: crop}", b, b / b.max())
for number, (centre, width) in enumerate([(450, 900), (200.5, 333)]):
    d = Dataset()
    d.PhotometricInterpretation, d.BitsStored, d.PixelRepresentation = "MONOCHROME2", 16, 1
    d.WindowCenter, d.WindowWidth = [450, 200.5], [900, 333]
    out = apply_windowing(a.astype(np.int16), d, index=number)
    ends = apply_windowing(np.array([[-32768, 32767]], np.int16), d, index=number)[0]
    add(f"window: {{by: tag, number: {number + 1}}}", a, (out - ends[0]) / (ends[1] - ends[0]), centers=[450, 200.5], widths=[900, 333])

# equalise
for height, width in [(16, 16), (17, 13), (8, 11), (3, 4)]:
    a8 = np.clip(rng.normal(90, 25, (height, width)), 0, 255).astype(np.uint8)
    add("equalise", a8 / 255, cv2.equalizeHist(a8) / 255)
    add("equalise: {by: clahe, clip_limit: 2, tiles: 8}", a8 / 255, cv2.createCLAHE(2, (8, 8)).apply(a8) / 255)
    add("equalise: {by: clahe, clip_limit: 40, tiles: 3}", a8 / 255, cv2.createCLAHE(40, (3, 3)).apply(a8) / 255)
add("equalise", np.full((3, 3), 0.6), np.full((3, 3), 153 / 255))

# uint8
a = image(5, 7)
add("uint8", a, np.rint(a * np.float32(255)) / 255)

# normalise: "net" is what the net must see
grey, colour = image(5, 7), np.stack([image(4, 6) for _ in range(3)])
def imagenet(x): return F.normalize(torch.from_numpy(np.broadcast_to(x, (3,) + x.shape[-2:]).copy()), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]).numpy()
def caffe(x):  # keras.src.applications.imagenet_utils._preprocess_numpy_input
    x = np.broadcast_to(x, (3,) + x.shape[-2:]).copy()[::-1].astype(np.float64)
    return x - np.array([103.939, 116.779, 123.68])[:, None, None]
for x in (grey, colour):
    x = x if x.ndim == 3 else x[None]
    add("normalise: {by: imagenet}", x, x, net=imagenet(x))
    add("normalise: {by: caffe}", x, x[::-1], net=caffe(x * 255))
    add("normalise: {by: caffe, range: 1, train_scale: 0.00392156862745098}", x, x[::-1], net=caffe(x), train=(caffe(x) / 255))
    add("normalise: {by: none}", x, x, net=x)
a = rng.normal(300, 120, (9, 13)).round().astype(np.float32)
z = ((a - a.mean(dtype=np.float64)) / a.std(dtype=np.float64)).clip(-2, 2)
add("normalise: {by: z_score, scope: crop, clip: 2}", a, z / 4 + 0.5, net=z)

# trim: MONAI's CropForeground, scikit-image's threshold_otsu and label
def trimmed(a, by=0.05, keep="all", margin=0.0):
    lowest, highest = a.min(), a.max()
    threshold = threshold_otsu(a) if by == "otsu" else lowest + np.float32(by) * (highest - lowest)
    found = a > threshold
    if keep == "largest":
        pieces = label(found.any(0), connectivity=2)
        found = np.broadcast_to(pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:]), a.shape)
    cropper = CropForeground(select_fn=lambda x: x > 0, allow_smaller=True)
    first, last = cropper.compute_bounding_box(torch.from_numpy(found.astype(np.float32)))
    wide = int(np.round(margin * (last - first).max()))
    (top, left), (bottom, right) = np.maximum(first - wide, 0), np.minimum(last + wide, a.shape[1:])
    return a[:, top:bottom, left:right]


def blobs(height, width, centres, channels=1):
    y, x = np.mgrid[:height, :width]
    a = np.zeros((channels, height, width), np.float32)
    for i, (cy, cx, r) in enumerate(centres):
        a[i % channels] += np.float32(0.3 + 0.2 * i) * ((y - cy) ** 2 + (x - cx) ** 2 <= r * r)
    return (a + 0.02 * rng.random(a.shape).astype(np.float32)).round(3)


for trim_a in [blobs(20, 30, [(8, 9, 4), (15, 24, 2)]), blobs(12, 17, [(2, 2, 1), (8, 12, 3), (3, 14, 1)], 2), blobs(15, 15, [(7, 7, 9)]), blobs(30, 9, [(4, 4, 2), (6, 6, 1), (20, 3, 3)])]:
    for how in [{}, {"by": "otsu"}, {"keep": "largest"}, {"by": "otsu", "keep": "largest", "margin": 0.2}, {"by": 0.4, "margin": 1}]:
        words = ", ".join(f"{k}: {v}" if k != "by" or v == "otsu" else f"above: {v}" for k, v in how.items())
        add(f"trim: {{{words}}}" if words else "trim", trim_a, trimmed(trim_a, **how))
rough = (rng.random((1, 40, 60)) > 0.62).astype(np.float32)  # pieces of many shapes
add("trim: {keep: largest}", rough, trimmed(rough, keep="largest"))
add("trim", np.full((3, 4), 0.6), np.full((3, 4), 0.6))

Path(__file__).with_name("steps.json").write_text("[\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]\n")
