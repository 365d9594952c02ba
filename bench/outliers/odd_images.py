"""Makes odd images of the demo's: python3 odd_images.py DATA OUT writes OUT/odd.csv and its images.

Of 60 labelled points each: inverted, upside down, somewhere else in the image, blurred, noisy,
with pixels said to be twice as large, and noise alone.
"""
import csv
import os
import sys

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from scipy.ndimage import gaussian_filter

data, out = sys.argv[1:]
rng = np.random.default_rng(0)
os.makedirs(os.path.join(out, "img"), exist_ok=True)


def write(path, pixels, spacing):
    pixels = np.asarray(pixels, float)
    pixels = ((pixels - pixels.min()) / (np.ptp(pixels) + 1e-9) * 1000).astype(np.uint16)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ExplicitVRLittleEndian, MRImageStorage, generate_uid()
    d = Dataset()
    d.file_meta, d.SOPClassUID, d.SOPInstanceUID = meta, MRImageStorage, meta.MediaStorageSOPInstanceUID
    d.Rows, d.Columns = pixels.shape
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation, d.SamplesPerPixel = 16, 16, 15, 0, 1
    d.PhotometricInterpretation, d.PixelSpacing, d.PixelData = "MONOCHROME2", [spacing, spacing], pixels.tobytes()
    d.save_as(os.path.join(out, path), enforce_file_format=True)


points = list(csv.DictReader(open(os.path.join(data, "train_label_coordinates.csv"))))
rng.shuffle(points)
rows, n = [], 0
for p in points:
    try:
        d = pydicom.dcmread(os.path.join(data, "train_images", p["study_id"], p["series_id"], p["instance_number"] + ".dcm"))
        a = d.pixel_array.astype(float)
    except Exception:
        continue
    x, y, spacing = float(p["x"]), float(p["y"]), float(d.PixelSpacing[0])
    if n == 60:
        break
    n += 1
    anywhere = rng.uniform(15, a.shape[1] - 15), rng.uniform(15, a.shape[0] - 15)
    for kind, b, at, s in (
        ("inverted", a.max() - a, (x, y), spacing), ("upside down", a[::-1], (x, a.shape[0] - 1 - y), spacing), ("elsewhere", a, anywhere, spacing),
        ("blurred", gaussian_filter(a, 2.5), (x, y), spacing), ("noisy", a + rng.normal(size=a.shape) * a.std(), (x, y), spacing),
        ("half as large", a, (x, y), 2 * spacing), ("noise alone", rng.normal(size=a.shape), (x, y), spacing),
    ):
        path = f"img/{kind.replace(' ', '_')}_{n}.dcm"
        write(path, b, s)
        rows.append((f"{kind} {n}", path, *at))
with open(os.path.join(out, "odd.csv"), "w") as f:
    w = csv.writer(f)
    w.writerow(["id", "image", "x", "y"])
    w.writerows(rows)
