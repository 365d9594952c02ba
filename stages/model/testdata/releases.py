"""Writes releases.json: which files of weights torchvision publishes for each of its nets, and
their sizes in MiB.

    pip install torch torchvision
    python releases.py
"""

import json

import torchvision

nets = {}
for name in torchvision.models.list_models():
    if "/" not in name and "quantized" not in name:
        nets[name] = {w.url.rsplit("/", 1)[1]: w.meta["_file_size"] for w in torchvision.models.get_model_weights(name)}
with open("releases.json", "w") as f:
    json.dump({"torchvision": torchvision.__version__.split("+")[0], "nets": nets}, f, indent=0)
    f.write("\n")
