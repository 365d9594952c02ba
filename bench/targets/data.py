"""Writes N images of 64 x 64 pixels and a table of 14 findings, one answer in ten missing.

    data.py FOLDER N
"""
import csv
import pathlib
import struct
import sys
import zlib

import numpy as np

folder, n = pathlib.Path(sys.argv[1]), int(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
shares = np.array([0.1, 0.03, 0.05, 0.03, 0.12, 0.03, 0.02, 0.02, 0.18, 0.05, 0.06, 0.03, 0.02, 0.05])


def png(pixels):
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows, 1)) + part(b"IEND", b"")


with open(folder / "findings.csv", "w") as out:
    rows = csv.writer(out)
    rows.writerow(["patient", "image"] + [f"finding_{k}" for k in range(len(shares))])
    for i in range(n):
        there = rng.random(len(shares)) < shares
        pixels = rng.integers(60, 120, (64, 64)).astype(np.uint8)
        for k in np.flatnonzero(there):
            pixels[4 * k:4 * k + 8, 4 * k:4 * k + 8] += 90
        (folder / f"{i:05d}.png").write_bytes(png(pixels))
        rows.writerow([f"p{i // 2}", f"{i:05d}.png"] + ["" if rng.random() < 0.1 else int(v) for v in there])
