"""What the notebook that this project replaces does before it trains, cell by cell:
read each slice, scale it to 224×224 and divide it by its maximum, into a list; then
save that, and store every image three times over, as channels, in a float32 memory map.

Prints, in one line: files; seconds and processor seconds of the first loop; the same
of all that follows; and the mean pixel that the other side must have. That is not
timed, since the notebook leaves out slope, intercept, the inversion of MONOCHROME1 and
values below 0.

    python notebook.py list-of-files folder
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


images = []


def read():
    for path in files:
        img = pydicom.dcmread(path).pixel_array
        img = cv2.resize(img, (224, 224))
        images.append(img / np.max(img))


def store():
    array, memmap = sys.argv[2] + "/images.npy", sys.argv[2] + "/images.dat"
    np.save(array, images)
    original = np.load(array)
    out = np.memmap(memmap, dtype="float32", mode="w+", shape=(len(files), 224, 224, 3))
    for i in range(len(files)):
        out[i] = np.stack([original[i]] * 3, axis=-1)
    out.flush()
    os.remove(array)
    os.remove(memmap)


read()  # not timed: Python and the system then have all that they load at first
images.clear()
reading, storing = timed(read), timed(store)


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
print(len(files), reading, storing, f"{mean:.6f}", f"pydicom_{pydicom.__version__},_OpenCV_{cv2.__version__}")
