"""Writes a file for each further backbone: what torchvision computes for weights that
both sides make by the rule of make_reference.py. Stochastic depth is off, since both
sides draw otherwise. Weights of the deepest are smaller than that rule's: in inference
their numbers else grow until float32 and float64 have nothing in common. Gradients and
statistics are stored as norm and probe.

    pip install torch torchvision numpy
    python backbones.py
"""

import numpy as np
import torch
import torchvision

from make_reference import fill, u, write

NETS = {"densenet121": {}, "efficientnet_b0": {"dropout": 0}, "efficientnet_v2_s": {"dropout": 0}, "convnext_tiny": {}}
# of the weights of convolutions and linear layers
GAIN = {"densenet121": 6, "efficientnet_b0": 6, "efficientnet_v2_s": 4.3, "convnext_tiny": 6}
LAST = {"densenet121": "classifier.", "efficientnet_b0": "classifier.1.", "efficientnet_v2_s": "classifier.1.", "convnext_tiny": "classifier.2."}


def reference(arch, options):
    if arch != "densenet121":
        options = {**options, "stochastic_depth_prob": 0}
    net = getattr(torchvision.models, arch)(num_classes=3, **options).double()
    ours = lambda name: name.replace(LAST[arch], "fc.") if name.startswith(LAST[arch]) else name
    state = net.state_dict()
    for name, t in state.items():
        if not name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(fill(ours(name), tuple(t.shape), GAIN[arch]).astype(np.float32)).double()
    net.load_state_dict(state)
    x = torch.tensor(fill("input", (6, 3, 64, 64)).astype(np.float32)).double()
    out = {"gain": GAIN[arch], "eval_logits": net.eval()(x).tolist()}
    logits = net.train()(x)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 1, 0, 0]))
    loss.backward()
    out["train_logits"], out["loss"] = logits.tolist(), loss.item()

    def mark(name, t):
        v = t.detach().double().numpy().ravel()
        return [float(np.linalg.norm(v)), float(v @ u("probe " + name, v.size))]

    out["gradients"] = {ours(n): mark(ours(n), p.grad) for n, p in net.named_parameters()}
    out["buffers"] = {n: mark(n, b) for n, b in net.named_buffers() if "running" in n}
    return out


for arch, options in NETS.items():
    write(arch + ".json", reference(arch, options), 7)
