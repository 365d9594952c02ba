"""Writes the images of TestTags: what Pillow says of orientation and pages. Run with Pillow."""
from pathlib import Path

from PIL import Image

here = Path(__file__).parent
grey = Image.new("L", (13, 9), 80)
for name, orientation in {"turned.jpg": 6, "upright.jpg": 1}.items():
    exif = Image.Exif()
    exif[0x010E] = "an entry before it"
    exif[0x0112] = orientation
    grey.save(here / name, exif=exif)
grey.save(here / "turned.tif", tiffinfo={0x0112: 3})
grey.save(here / "pages.tif", save_all=True, append_images=[grey, grey])
