"""Writes releases.json: which files of weights torchvision publishes for each of its nets, and
their sizes in MiB; and the mean and std of the pixels they are for, where these are not ImageNet's.

    pip install torch torchvision
    python releases.py
"""

import json

import torchvision

nets, pixels = {}, {}
for name in torchvision.models.list_models():
    if "/" not in name and "quantized" not in name:
        nets[name] = {w.url.rsplit("/", 1)[1]: w.meta["_file_size"] for w in torchvision.models.get_model_weights(name)}
        for w in torchvision.models.get_model_weights(name):
            own = w.transforms()
            mean, std = getattr(own, "mean", None), getattr(own, "std", None)
            if mean and (tuple(mean), tuple(std)) != ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)):
                pixels[w.url.rsplit("/", 1)[1]] = [mean, std]
with open("releases.json", "w") as f:
    json.dump({"torchvision": torchvision.__version__.split("+")[0], "nets": nets, "pixels": pixels}, f, indent=0)
    f.write("\n")
