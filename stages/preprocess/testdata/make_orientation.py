#!/usr/bin/env python3
"""Makes orientation.json: what Pillow's exif_transpose makes of a picture of 3 by 2 pixels.

    pip install pillow numpy && python make_orientation.py
"""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

stored = np.array([[0, 50, 100], [150, 200, 250]], np.uint8)
want = {}
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "PNG", exif=exif)
    want[orientation] = np.asarray(ImageOps.exif_transpose(Image.open(file))).tolist()
(Path(__file__).parent / "orientation.json").write_text(json.dumps(want) + "\n")
