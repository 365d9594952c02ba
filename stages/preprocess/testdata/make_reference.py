"""Writes ../torchvision_test.go: torchvision's antialiased resize.

    pip install torch torchvision && python make_reference.py
"""

import torch
import torchvision
import torchvision.transforms.v2.functional as F


def go(t):
    return "[]float32{" + ", ".join(f"{v:.8g}" for v in t.flatten().tolist()) + "}"


torch.manual_seed(4)
with open("../torchvision_test.go", "w") as f:
    f.write(f"package preprocess\n\n// resizeCases were made by testdata/make_reference.py with torchvision {torchvision.__version__.split('+')[0]}.\n")
    f.write("var resizeCases = []struct {\n\twidth, height, side int\n\tin, want []float32\n}{\n")
    for w, h, side in ((7, 5, 3), (4, 6, 9), (10, 3, 3), (5, 5, 5)):
        x = torch.rand(1, h, w)
        f.write(f"\t{{{w}, {h}, {side}, {go(x)}, {go(F.resize(x, [side, side], antialias=True))}}},\n")
    f.write("}\n")
