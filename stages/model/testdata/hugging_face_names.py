"""Writes hugging_face_names.json: of nets of transformers 5 the names of their state_dict, which torch.save
writes, and those in the files of save_pretrained, which are the names of transformers 4. Which is which their
values tell.

    pip install torch transformers safetensors
    python hugging_face_names.py
"""

import json
import tempfile

import torch
import transformers
from safetensors.torch import load_file

SMALL = {"hidden_size": 24, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 96, "image_size": 28, "patch_size": 14}


def names(kind):
    net = getattr(transformers, kind + "ForImageClassification")(getattr(transformers, kind + "Config")(**SMALL))
    for i, t in enumerate(net.state_dict().values()):
        torch.nn.init.constant_(t, i)
    with tempfile.TemporaryDirectory() as folder:
        net.save_pretrained(folder)
        stored = {t.flatten()[0].item(): name for name, t in load_file(folder + "/model.safetensors").items()}
    return {name: stored[i] for i, name in enumerate(net.state_dict())}


with open("hugging_face_names.json", "w") as f:
    made = {"transformers": transformers.__version__, "nets": {kind: names(kind) for kind in ("ViT", "Dinov2", "Dinov2WithRegisters")}}
    json.dump(made, f, separators=(",", ":"))
