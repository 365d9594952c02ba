"""Writes vit_hugging_face.json: a small ViTModel of Hugging Face with weights by the rule of
make_reference.py over its names, and the class tokens that it gives of two images.

    pip install torch transformers numpy
    python vit_hugging_face.py
"""

import numpy as np
import torch
import transformers

from make_reference import fill, write

config = transformers.ViTConfig(
    hidden_size=12, num_hidden_layers=3, num_attention_heads=3, intermediate_size=48, image_size=64, patch_size=16, layer_norm_eps=1e-6,
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager")
net = transformers.ViTModel(config).double().eval()
state = {name: torch.tensor(fill(name, tuple(t.shape)).astype(np.float32)).double() for name, t in net.state_dict().items()}
net.load_state_dict(state)
x = torch.tensor(fill("input", (2, 3, 64, 64)).astype(np.float32)).double()
write("vit_hugging_face.json", {
    "transformers": transformers.__version__, "height": 64, "width": 64, "tensors": {name: list(t.shape) for name, t in state.items()},
    "features": net(x).last_hidden_state[:, 0].tolist()}, 9)
