"""Writes swin_mmpretrain.json: what MMPretrain's SwinTransformer says of an image, and a last layer
of its pooled maps, with weights made by the rule of make_reference.py from MMPretrain's names.

    pip install torch numpy mmpretrain mmengine mmcv-lite
    python swin_mmpretrain.py
"""

import numpy as np
import torch
from mmpretrain.models.backbones.swin_transformer import SwinTransformer

from make_reference import fill, write

net = SwinTransformer(arch="tiny").double()
net.eval()
state = net.state_dict()
for name, t in state.items():
    if t.is_floating_point():
        state[name] = torch.tensor(fill("backbone." + name, tuple(t.shape)).astype(np.float32)).double()
net.load_state_dict(state)
x = torch.tensor(fill("input", (1, 3, 224, 224)).astype(np.float32)).double()
with torch.no_grad():
    features = net(x)[-1].mean((2, 3))  # GlobalAveragePooling, the neck of its classifiers
last = [torch.tensor(fill(f"fc.{n}", s).astype(np.float32)).double() for n, s in (("weight", (3, 768)), ("bias", (3,)))]
names = {"backbone." + n: list(t.shape) for n, t in net.state_dict().items() if t.is_floating_point()}
write("swin_mmpretrain.json", {"logits": torch.nn.functional.linear(features, *last).tolist(), "names": names}, 9)
