"""The loop of the notebook that this project replaces: read each slice, scale it to
224×224, divide it by its maximum, store it. Prints files, seconds of that loop, and
the mean pixel that the other side must have: not timed, since the notebook leaves
out slope, intercept, the inversion of MONOCHROME1 and values below 0.

    python notebook.py list-of-files out.npy
"""

import sys
import time

import cv2
import numpy as np
import pydicom

files = open(sys.argv[1]).read().split()
cv2.setNumThreads(1)
out = np.lib.format.open_memmap(sys.argv[2], mode="w+", dtype=np.float32, shape=(len(files), 224, 224))
begin = time.perf_counter()
for i, path in enumerate(files):
    img = pydicom.dcmread(path).pixel_array
    img = cv2.resize(img, (224, 224))
    out[i] = img / np.max(img)
seconds = time.perf_counter() - begin
out.flush()


def right(path):
    d = pydicom.dcmread(path)
    img = d.pixel_array.astype(np.float32)
    if d.PhotometricInterpretation == "MONOCHROME1":
        low, high = (0, 2**d.BitsStored - 1) if d.PixelRepresentation == 0 else (-(2 ** (d.BitsStored - 1)), 2 ** (d.BitsStored - 1) - 1)
        img = low + high - img
    img = cv2.resize(img * float(d.get("RescaleSlope", 1)) + float(d.get("RescaleIntercept", 0)), (224, 224))
    return (img / max(np.max(img), 1e-9)).clip(0, 1).mean(dtype=np.float64)


mean = np.mean([right(path) for path in files])
print(len(files), f"{seconds:.3f}", f"{mean:.6f}", f"pydicom {pydicom.__version__}, OpenCV {cv2.__version__}".replace(" ", "_"))
