#!/usr/bin/env python3
"""Makes the images beside it, and want.json: what OpenCV reads of them, as they
are and as grey.

    pip install opencv-python-headless numpy && python make.py
"""

import json
from pathlib import Path

import cv2
import numpy as np

here = Path(__file__).parent
rng = np.random.default_rng(3)
y, x = np.mgrid[0:9, 0:13]
smooth = (x * 12 + y * 9).astype(np.uint8)
colour = np.stack([smooth, smooth[::-1], smooth[:, ::-1]], axis=2)
files = {
    "grey8.png": rng.integers(0, 256, (9, 13)).astype(np.uint8),
    "grey16.png": rng.integers(0, 65536, (9, 13)).astype(np.uint16),
    "colour8.png": rng.integers(0, 256, (9, 13, 3)).astype(np.uint8),
    "colour16.png": rng.integers(0, 65536, (9, 13, 3)).astype(np.uint16),
    "clear.png": rng.integers(1, 256, (9, 13, 4)).astype(np.uint8),
    "grey8.jpg": smooth,
    "colour8.jpg": colour,
    "grey8.tif": smooth,
    "grey16.tif": rng.integers(0, 65536, (9, 13)).astype(np.uint16),
    "colour8.tif": colour,
    "grey8.bmp": rng.integers(0, 256, (9, 13)).astype(np.uint8),
    "colour8.bmp": rng.integers(0, 256, (9, 13, 3)).astype(np.uint8),
    "colour8.webp": rng.integers(0, 256, (9, 13, 3)).astype(np.uint8),
    "lossy.webp": colour,
    "grey8.pgm": rng.integers(0, 256, (9, 13)).astype(np.uint8),
    "grey16.pgm": rng.integers(0, 65536, (9, 13)).astype(np.uint16),
    "colour8.ppm": rng.integers(0, 256, (9, 13, 3)).astype(np.uint8),
    "colour16.ppm": rng.integers(0, 65536, (9, 13, 3)).astype(np.uint16),
}
sampled = {f"jpeg{s}.jpg": [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{s}")] for s in (411, 420, 422, 440, 444)}
spots = cv2.resize(rng.integers(0, 256, (4, 5, 3)).astype(np.uint8), (13, 9))
files |= {name: spots for name in sampled}
text = {"text8.pgm": ("P2", smooth, 255), "text8.ppm": ("P3", colour, 255)}
for name, (magic, image, most) in text.items():
    rows = "\n".join(" ".join(map(str, row.ravel())) for row in image)
    (here / name).write_text(f"{magic}\n# a comment\n{image.shape[1]} {image.shape[0]} # another\n{most}\n{rows}\n")
options = sampled | {"colour8.webp": [cv2.IMWRITE_WEBP_QUALITY, 101]}
want = {}
for name in [*files, *text]:
    if name in files:
        cv2.imwrite(str(here / name), files[name], options.get(name, []))
    kept = cv2.imread(str(here / name), cv2.IMREAD_UNCHANGED)
    if kept.ndim == 3:
        kept = kept[:, :, :3]
        grey = cv2.cvtColor(kept, cv2.COLOR_BGR2GRAY)
        kept = kept[:, :, ::-1].transpose(2, 0, 1)
    else:
        grey = kept
    want[name] = {"bits": 8 * kept.itemsize, "pixels": kept.ravel().tolist(), "grey": grey.ravel().tolist()}
(here / "want.json").write_text(json.dumps(want).replace('}, "', '},\n"') + "\n")
