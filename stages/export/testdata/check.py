"""Runs an exported net beside the numbers that the nets themselves gave.

    python check.py FOLDER NAME

The folder holds net.pt and net.onnx, and for batches of 1 and 3 the raw float32 numbers
images<batch>.f32, probabilities<batch>.f32 and logits<batch>.f32. Prints a row of the
table of docs/export.md: the largest differences.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

folder, name = Path(sys.argv[1]), sys.argv[2]
LIMITS = {"probabilities": 2e-5, "logits": 1e-4}  # of a logit the part, where it is above 1

model = onnx.load(folder / "net.onnx")
onnx.checker.check_model(model, full_check=True)
said = {p.key: p.value for p in model.metadata_props}
shape = json.loads(said["input"])["shape"][1:]
session = onnxruntime.InferenceSession(folder / "net.onnx", providers=["CPUExecutionProvider"])

files = {key: "" for key in said}
script = torch.jit.load(folder / "net.pt", _extra_files=files)
assert "device" not in script.code and "CONSTANTS" not in script.code, "the graph would work on one device alone"
assert {k: v.decode() for k, v in files.items() if k != "format"} == {k: v for k, v in said.items() if k != "format"}


def read(part, batch, *dims):
    return np.fromfile(folder / f"{part}{batch}.f32", np.float32).reshape(batch, *dims)


def furthest(got, want):
    got = np.asarray(got)
    assert got.shape[0] == want.shape[0] and got.size == want.size, (got.shape, want.shape)
    return float(np.max(np.abs(got.ravel() - want.ravel()) / np.maximum(1, np.abs(want.ravel()))))


worst = {}
for batch in (1, 3):
    inputs = {"images": read("images", batch, *shape)}
    if "covariates" in said:
        inputs["covariates"] = read("covariates", batch, *json.loads(said["covariates"])["shape"][1:])
    with torch.no_grad():
        answers = {"torch": script(*map(torch.from_numpy, inputs.values())), "onnxruntime": session.run(["probabilities", "logits"], inputs)}
    for program, (probabilities, logits) in answers.items():
        for part, got in (("probabilities", probabilities), ("logits", logits)):
            d = furthest(got, read(part, batch, -1))
            worst[program, part] = max(worst.get((program, part), 0), d)
            assert d <= LIMITS[part], f"{name}: {program}: {part} of {batch} images differ by {d}"

cells = [f"{worst[program, part]:.1e}" for program in ("torch", "onnxruntime") for part in ("probabilities", "logits")]
spread = np.ptp(read("logits", 3, -1), axis=0).max()
furthest_logits = max(d for (_, part), d in worst.items() if part == "logits")
assert spread > 1e-5 and furthest_logits < spread / 100, f"{name}: the logits of all images are alike, within {spread}: nothing was compared"
print(f"| {name} | " + " | ".join(cells) + " |")
