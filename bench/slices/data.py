"""Writes N series of 9 slices of 64 x 64 pixels, a folder each, and a table of their grades.

    data.py FOLDER N
"""
import csv
import pathlib
import sys

import numpy as np
from PIL import Image

folder, n = pathlib.Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
with open(folder / "series.csv", "w") as out:
    rows = csv.writer(out)
    rows.writerow(["patient", "image", "grade"])
    for i in range(n):
        grade, where = int(rng.integers(3)), int(rng.integers(9))
        (folder / f"s{i:04d}").mkdir(exist_ok=True)
        for s in range(9):
            pixels = rng.integers(60, 120, (64, 64)).astype(np.uint8)
            if s == where:
                pixels[20:20 + 8 * grade, 20:44] += 90
            Image.fromarray(pixels).save(folder / f"s{i:04d}" / f"{s + 1}.png")
        rows.writerow([f"p{i}", f"s{i:04d}", grade])
