"""The loop of the notebook that this project replaces: read each slice, scale it to
224×224, divide it by its maximum, store it; then, as the notebook does before it
trains, store it three times over as the channels of a float32 memory map.

Prints, in one line: files; seconds and processor seconds of the first loop; the same
of the second; and the mean pixel that the other side must have. That is not timed,
since the notebook leaves out slope, intercept, the inversion of MONOCHROME1 and
values below 0.

    python notebook.py list-of-files out.npy
"""

import os
import sys
import time

import cv2
import numpy as np
import pydicom

files = open(sys.argv[1]).read().split()
cv2.setNumThreads(1)


def timed(loop):
    begin, began = time.perf_counter(), time.process_time()
    loop()
    return f"{time.perf_counter() - begin:.3f} {time.process_time() - began:.3f}"


out = np.lib.format.open_memmap(sys.argv[2], mode="w+", dtype=np.float32, shape=(len(files), 224, 224))


def read():
    for i, path in enumerate(files):
        img = pydicom.dcmread(path).pixel_array
        img = cv2.resize(img, (224, 224))
        out[i] = img / np.max(img)


def stack():
    channels = np.lib.format.open_memmap(sys.argv[2] + ".3", mode="w+", dtype=np.float32, shape=(len(files), 224, 224, 3))
    for i in range(len(files)):
        channels[i] = np.stack([out[i]] * 3, axis=-1)
    del channels
    os.remove(sys.argv[2] + ".3")


reading, stacking = timed(read), timed(stack)


def right(path):
    d = pydicom.dcmread(path)
    bits, signed = d.BitsStored, d.PixelRepresentation == 1
    img = d.pixel_array.astype(np.int64) & ((1 << bits) - 1)  # older pydicoms leave bits above in
    if signed:
        img -= (img >> (bits - 1)) << bits
    if d.PhotometricInterpretation == "MONOCHROME1":
        img = (-1 if signed else (1 << bits) - 1) - img
    img = cv2.resize((img * float(d.get("RescaleSlope", 1)) + float(d.get("RescaleIntercept", 0))).astype(np.float32), (224, 224))
    return (img / max(np.max(img), 1e-9)).clip(0, 1).mean(dtype=np.float64)


mean = np.mean([right(path) for path in files])
print(len(files), reading, stacking, f"{mean:.6f}", f"pydicom_{pydicom.__version__},_OpenCV_{cv2.__version__}")
