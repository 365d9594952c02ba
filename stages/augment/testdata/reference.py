"""Writes reference.json: what other libraries make of small images, for
reference_test.go. Needs torch, torchvision, scipy, scikit-image and OpenCV:

    python reference.py > reference.json

Each case is a recipe whose random numbers are given. Order and meaning of the
numbers are those that the Go parts draw; see each part's Draw.
"""

import json
import math

import cv2
import numpy as np
import skimage.color
import torch
import torch.nn.functional as F
import torchvision.transforms.functional as TF
from scipy import ndimage
from torchvision.transforms import v2
from torchvision.transforms.functional import InterpolationMode

H, W = 12, 15
BILINEAR = InterpolationMode.BILINEAR
rng = np.random.default_rng(7)


def picture(channels=1):
    """A smooth picture with values in [0.02, 0.98]."""
    x = ndimage.zoom(rng.random((channels, 5, 6)), (1, H / 5, W / 6), order=3)
    x = (x - x.min()) / (x.max() - x.min())
    return np.round(0.02 + 0.96 * x, 6).astype(np.float32)


images = np.stack([picture(), picture(), picture()])
cases = []


def case(name, source, entries, out, batch=1, margin=0, tolerance=1e-5, share=None, slices=1, colours=False):
    out = np.asarray(out, dtype=np.float64).reshape(batch, slices, H, W)
    entries = [e if isinstance(e, list) else [e] for e in entries]
    cases.append(dict(name=name, source=source, entries=[e[0] for e in entries], batch=batch, margin=margin,
                      tolerance=tolerance, share=share, slices=slices, colours=colours, out=[round(float(v), 7) for v in out.ravel()]))


def entry(name, settings=None, numbers=(), key=0):
    return dict(part={name: settings or {}}, numbers=list(numbers), key=key)


x = images[0]
t = torch.from_numpy(x)
black = entry("border", {"fill": "constant"})


def read(rows, columns, mode="nearest", image=None):
    """The image at places counted from its centre, as SciPy reads them."""
    image = x[0] if image is None else image
    at = [rows + (H - 1) / 2, columns + (W - 1) / 2]
    return ndimage.map_coordinates(image.astype(np.float64), at, order=1, mode=mode)


rows, columns = np.meshgrid(np.arange(H) - (H - 1) / 2, np.arange(W) - (W - 1) / 2, indexing="ij")


def keras(matrix):
    """apply_affine_transform of Keras: SciPy, about the centre; (row, column)."""
    matrix = np.asarray(matrix, dtype=np.float64)
    centre = np.array([(H - 1) / 2, (W - 1) / 2])
    return ndimage.affine_transform(x[0].astype(np.float64), matrix[:2, :2],
                                    matrix[:2, 2] + centre - matrix[:2, :2] @ centre, order=1, mode="nearest")


# ---- geometry ----
case("flip", "torchvision hflip", [entry("flip", {}, [1, 0])], TF.hflip(t))
case("flip", "torchvision vflip", [entry("flip", {}, [0, 1])], TF.vflip(t))
case("rotate", "torchvision rotate", [black, entry("rotate", {}, [23.0])], TF.rotate(t, 23.0, BILINEAR))
angle = math.radians(-23.0)  # Keras turns clockwise
case("rotate", "Keras (SciPy)", [entry("rotate", {}, [23.0])],
     keras([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]))
case("zoom", "torchvision affine", [black, entry("zoom", {}, [1.2, 1.2])], TF.affine(t, 0, [0, 0], 1.2, [0.0, 0.0], BILINEAR))
case("zoom apart", "Keras (SciPy)", [entry("zoom", {"axes": "apart"}, [1.25, 0.8])], keras(np.diag([1.25, 0.8, 1])))
case("shift", "torchvision affine", [black, entry("shift", {}, [2 / W, -3 / H])], TF.affine(t, 0, [2, -3], 1.0, [0.0, 0.0], BILINEAR))
case("shift", "Keras (SciPy)", [entry("shift", {}, [0.11, -0.07])], keras([[1, 0, 0.07 * H], [0, 1, -0.11 * W], [0, 0, 1]]))
case("shift, mirrored border", "SciPy reflect", [entry("border", {"fill": "reflect"}), entry("shift", {}, [0.21, -0.17])],
     read(rows + 0.17 * H, columns - 0.21 * W, mode="reflect"))
for numbers in ([12.0, 0.0], [0.0, 12.0], [12.0, -7.0]):
    case("shear", "torchvision affine", [black, entry("shear", {"axes": "both"}, numbers)], TF.affine(t, 0, [0, 0], 1.0, numbers, BILINEAR))
moves = [2, 1, 1, 2, 0, 1, 3, 2]
start = [[0, 0], [W - 1, 0], [W - 1, H - 1], [0, H - 1]]
end = [[2, 1], [W - 2, 2], [W - 1, H - 2], [3, H - 3]]
shares = [m / (W - 1 if i % 2 == 0 else H - 1) for i, m in enumerate(moves)]
# torchvision counts places from the outer edge of the first pixel, we from its centre.
start, end = [[[c + 0.5 for c in p] for p in points] for points in (start, end)]
case("perspective", "torchvision perspective", [black, entry("perspective", {}, shares)], TF.perspective(t, start, end, BILINEAR), tolerance=2e-5)
top, left, height, width = 2, 3, 8, 9
case("resized_crop", "torchvision resized_crop", [entry("resized_crop", {}, [width / W, height / H, left / W, top / H])],
     TF.resized_crop(t, top, left, height, width, [H, W], antialias=False), margin=2)

WORD = 0xFFFFFFFF


def scramble(v):
    v = (v ^ (v >> 16)) * 0x7FEB352D & WORD
    v = (v ^ (v >> 15)) * 0x846CA68B & WORD
    return v ^ (v >> 16)


def words(key, first, n):
    out = [scramble(scramble((i + (key & WORD)) & WORD) ^ (key >> 32)) >> 8 for i in range(first, first + n)]
    return np.array(out, dtype=np.float64)


def uniform(key, n):
    return words(key, 0, n) / 2**24


def normal(key, n):
    return np.sqrt(-2 * np.log((words(key, 0, n) + 1) / 2**24)) * np.cos(2 * np.pi * words(key, n, n) / 2**24)


KEY = 0x9E3779B97F4A7C15


def elastic(alpha, sigma):
    noise = (2 * uniform(KEY, 2 * H * W) - 1).reshape(2, H, W)
    return [ndimage.gaussian_filter(f, sigma, mode="mirror", truncate=4) * alpha for f in noise]


dx, dy = elastic(12, 1.5)
case("elastic", "SciPy gaussian_filter, map_coordinates", [entry("elastic", {"alpha": 12, "sigma": 1.5}, [], KEY)], read(rows + dy, columns + dx))

for quarters in (1, 2, 3):
    turned = np.rot90(x[0], quarters).astype(np.float64)
    high, wide = turned.shape  # W and H where it lies on its side: stretched to H and W
    places = [rows * high / H + (high - 1) / 2, columns * wide / W + (wide - 1) / 2]
    case("rotate90", "NumPy rot90, SciPy map_coordinates", [entry("rotate90", {}, [quarters])],
         ndimage.map_coordinates(turned, places, order=1, mode="nearest"))
for k in (0.3, -0.4):
    lens = np.array([[W, 0, (W - 1) / 2], [0, H, (H - 1) / 2], [0, 0, 1]], dtype=np.float64)
    across, down = cv2.initUndistortRectifyMap(lens, np.array([k, k, 0, 0, 0]), None, None, (W, H), cv2.CV_32FC1)
    case("optical_distortion", "OpenCV initUndistortRectifyMap, SciPy map_coordinates", [entry("optical_distortion", {}, [k])],
         read(down.astype(np.float64) - (H - 1) / 2, across.astype(np.float64) - (W - 1) / 2))

steps = np.array([1.2, 0.8, 1.1, 0.7, 0.9, 1.25, 1.0, 1.0])


def stretched(steps, n):
    nodes = np.concatenate([[0], np.cumsum(steps)]) / steps.sum() * (n - 1)
    return np.interp(np.arange(n), np.linspace(0, n - 1, len(steps) + 1), nodes)


along, down = stretched(steps[:4], W), stretched(steps[4:], H)
case("grid_distortion", "NumPy interp, SciPy map_coordinates", [entry("grid_distortion", {"cells": 4}, steps.tolist())],
     read(*np.meshgrid(down - (H - 1) / 2, along - (W - 1) / 2, indexing="ij")))

# Turned, then bent, then moved: a place of the output is followed back.
r, c = rows - 1.5, columns + 0.75
centre = [r + (H - 1) / 2, c + (W - 1) / 2]
r, c = (r + ndimage.map_coordinates(dy, centre, order=1, mode="nearest"), c + ndimage.map_coordinates(dx, centre, order=1, mode="nearest"))
a = math.radians(17)
r, c = math.sin(a) * c + math.cos(a) * r, math.cos(a) * c - math.sin(a) * r
case("rotate, elastic, shift in one grid", "SciPy map_coordinates",
     [entry("rotate", {}, [17.0]), entry("elastic", {"alpha": 12, "sigma": 1.5}, [], KEY), entry("shift", {}, [-0.75 / W, 1.5 / H])], read(r, c))
grid = torch.from_numpy(np.stack([(columns / 1.3 - 0.3) * 2 / W, (rows / 1.3) * 2 / H], -1)[None].astype(np.float32))
case("zoom, bicubic", "PyTorch grid_sample", [entry("interpolation", {"method": "bicubic"}), entry("shift", {}, [0.3 / W, 0]), entry("zoom", {}, [1.3, 1.3])],
     F.grid_sample(t[None], grid, mode="bicubic", padding_mode="border", align_corners=False).clamp(0, 1))

# ---- intensity ----
case("brightness", "torchvision adjust_brightness", [entry("brightness", {}, [1.3])], TF.adjust_brightness(t, 1.3))
case("contrast", "torchvision adjust_contrast", [entry("contrast", {}, [1.6])], TF.adjust_contrast(t, 1.6))
case("contrast", "torchvision adjust_contrast", [entry("contrast", {}, [0.4])], TF.adjust_contrast(t, 0.4))
case("gamma", "torchvision adjust_gamma", [entry("gamma", {}, [1.7])], TF.adjust_gamma(t, 1.7))
case("gamma", "torchvision adjust_gamma", [entry("gamma", {}, [0.6])], TF.adjust_gamma(t, 0.6))
for sigma in (0.7, 1.4):
    size = 2 * int(4 * sigma + 0.5) + 1
    case("blur", "SciPy gaussian_filter", [entry("blur", {}, [sigma])], ndimage.gaussian_filter(x[0].astype(np.float64), sigma, mode="mirror", truncate=4))
    case("blur", "torchvision gaussian_blur", [entry("blur", {}, [sigma])], TF.gaussian_blur(t, [size, size], [sigma, sigma]))
way = np.array([2.5, -1.75])
moved = [read(rows - a * way[1], columns - a * way[0]) for a in np.linspace(-0.5, 0.5, 5)]
case("motion_blur", "SciPy map_coordinates", [entry("motion_blur", {"length": 4}, way.tolist())], np.mean(moved, 0))
soft = ndimage.gaussian_filter(x[0].astype(np.float64), 1.0, mode="mirror", truncate=4)
case("sharpen", "SciPy, unsharp mask", [entry("sharpen", {}, [0.8, 1.0])], np.clip(x[0] + 0.8 * (x[0] - soft), 0, 1))
case("noise", "NumPy, Box and Muller", [entry("noise", {}, [0.1], KEY)], np.clip(x[0] + 0.1 * normal(KEY, H * W).reshape(H, W), 0, 1))
n1, n2 = normal(KEY, H * W).reshape(H, W), normal(KEY ^ (2**64 - 1), H * W).reshape(H, W)
case("noise, rician", "NumPy", [entry("noise", {"kind": "rician"}, [0.1], KEY)], np.clip(np.hypot(x[0] + 0.1 * n1, 0.1 * n2), 0, 1))
points = [0, 0.15, 0.22, 0.7, 1]
case("histogram_shift", "NumPy interp", [entry("histogram_shift", {"points": 5}, points)], np.interp(x[0], np.linspace(0, 1, 5), points))
coefficients = [0, 0.2, -0.1, 0.3, -0.25, 0.15, 0.05, 0.1, -0.2, 0.12]
square = np.zeros((4, 4))
square[0, :4], square[1, :3], square[2, :2], square[3, :1] = coefficients[:4], coefficients[4:7], coefficients[7:9], coefficients[9:]
field = np.polynomial.polynomial.polygrid2d(np.linspace(-1, 1, H), np.linspace(-1, 1, W), square)
case("bias_field", "NumPy polygrid2d", [entry("bias_field", {}, coefficients)], np.clip(x[0] * np.exp(field), 0, 1))
holes = x[0].copy()
holes[2:5, 1:4] = 0.25
holes[7:8, 3:12] = 0.25
case("coarse_dropout", "NumPy", [entry("coarse_dropout", {"holes": 3, "value": 0.25}, [1, 2, 4, 5, 3, 7, 12, 8, 0, 0, 0, 0])], holes)

for bits in (1, 4, 7):
    case("posterize", "torchvision v2 posterize", [entry("posterize", {}, [bits])], v2.functional.posterize(t, bits))
for threshold in (0.3, 0.9):
    case("solarize", "torchvision v2 solarize", [entry("solarize", {}, [threshold])], v2.functional.solarize(t, threshold))
case("autocontrast, of a dim image", "torchvision v2 autocontrast", [entry("brightness", {}, [0.5]), entry("autocontrast")], v2.functional.autocontrast(t * 0.5))
for factor in (0.0, 0.4, 1.9):
    case("sharpness", "torchvision adjust_sharpness", [entry("sharpness", {}, [factor])], TF.adjust_sharpness(t, factor))

# ---- colours: the three images are red, green and blue ----
rgb = torch.from_numpy(images[:, 0])
for factor in (0.3, 1.7):
    case("saturation", "torchvision adjust_saturation", [entry("saturation", {}, [factor])], TF.adjust_saturation(rgb, factor), slices=3, colours=True)
for turn in (0.1, -0.4):
    case("hue", "torchvision adjust_hue", [entry("hue", {}, [turn])], TF.adjust_hue(rgb, turn), slices=3, colours=True)
factors, added = np.array([1.2, 0.9, 1.1]), np.array([0.02, -0.01, 0.03])
hed = np.log(np.maximum(images[:, 0], 1e-6).transpose(1, 2, 0).astype(np.float64)) / np.log(1e-6) @ skimage.color.hed_from_rgb
stained = skimage.color.hed2rgb(hed * factors + added).transpose(2, 0, 1)
case("stain", "scikit-image hed2rgb", [entry("stain", {}, [*factors, *added])], stained, slices=3, colours=True)

# ---- slices: the two images are those of one stack ----
stack = images[:2, 0]
case("reverse", "NumPy flip", [entry("reverse")], np.flip(stack, 0), slices=2)
case("slice_dropout", "NumPy", [entry("slice_dropout", {"share": 0.5}, [0.4, 0.6])], stack * np.array([0, 1]).reshape(2, 1, 1), slices=2)
three = images[:, 0]
case("slice_shift", "NumPy pad", [entry("slice_shift", {"by": 2}, [1])], np.pad(three, [(0, 1), (0, 0), (0, 0)], "edge")[1:], slices=3)
case("slice_shift, back", "NumPy pad", [entry("slice_shift", {"by": 2}, [-2])], np.pad(three, [(2, 0), (0, 0), (0, 0)], "edge")[:3], slices=3)
case("reverse, slice_shift", "NumPy flip, pad", [entry("reverse"), entry("slice_shift", {}, [1])], np.pad(np.flip(three, 0), [(0, 1), (0, 0), (0, 0)], "edge")[1:], slices=3)
case("slice_shift, reverse", "NumPy pad, flip", [entry("slice_shift", {}, [1]), entry("reverse")], np.flip(np.pad(three, [(0, 1), (0, 0), (0, 0)], "edge")[1:], 0), slices=3)
for fill, numbers in (("nearest", [0.4, 0.6, 0.3]), ("nearest, of two the first", [0.8, 0.1, 0.9]), ("nearest, all drawn", [0.1, 0.2, 0.3])):
    stays = [i for i, n in enumerate(numbers) if n >= 0.5] or [int(np.argmax(numbers))]
    places = [stays[int(np.argmin(np.abs(np.array(stays) - i)))] for i in range(3)]
    case(f"slice_dropout, {fill}", "NumPy argmin", [entry("slice_dropout", {"share": 0.5, "fill": "nearest"}, numbers)], three[places], slices=3)
case("slice_dropout, all drawn", "NumPy", [entry("slice_dropout", {"share": 1}, [0.9, 0.3])], stack * np.array([1, 0]).reshape(2, 1, 1), slices=2)

# ---- mixing: torchvision rolls the batch by one ----
both, labels = torch.from_numpy(images[:2]), torch.tensor([0, 1])
torch.manual_seed(3)
mixup = v2.MixUp(alpha=0.8, num_classes=2)
mixed, soft = mixup(both, labels)
lam = float(soft[0, 0])
case("mixup", "torchvision v2.MixUp", [entry("mixup", {}, [lam])], mixed, batch=2, share=lam)
for seed in range(100):  # a seed whose box is cut at an edge, and not empty
    torch.manual_seed(seed)
    cutmix = v2.CutMix(alpha=1.0, num_classes=2)
    mixed, soft = cutmix(both, labels)
    changed = np.argwhere((mixed[0, 0] != both[0, 0]).numpy())
    if len(changed) > 20 and changed[:, 0].max() == H - 1:
        break
y0, x0 = changed.min(0).tolist()
y1, x1 = (changed.max(0) + 1).tolist()
case("cutmix", "torchvision v2.CutMix", [entry("cutmix", {}, [x0, y0, x1, y1])], mixed, batch=2, share=float(soft[0, 0]))

case_words = [int(v) for v in words(KEY, 0, 8)]
print(json.dumps(dict(height=H, width=W, key=KEY, words=case_words, images=[round(float(v), 6) for v in images.ravel()], cases=cases)))
