"""Writes reference.json: what PyTorch and torchvision compute for weights that
both sides make by one rule, so that no weights need to be stored.

    pip install torch torchvision numpy
    python make_reference.py

The rule: element i of the tensor called name is u(name, i) in [-1, 1), the
finalizer of MurmurHash3 over i * 0x9E3779B9 + FNV-1a(name), scaled as in fill().
Gradients and weights are stored as their norm, their product with the tensor
"probe <name>" and their first four elements.
"""

import json

import numpy as np
import torch
import torchvision


def u(name, n):
    h = 2166136261
    for b in name.encode():
        h = (h ^ b) * 16777619 % 2**32
    x = (np.arange(n, dtype=np.uint64) * 0x9E3779B9 + h) % 2**32
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        x = (x ^ (x >> np.uint64(shift))) * factor % 2**32
    return x / 2.0**31 - 1


def fill(name, shape, gain=6):
    values = u(name, int(np.prod(shape))).reshape(shape)
    if name == "input":
        return values
    if name.endswith("layer_scale"):
        return 0.5 + 0.1 * values
    if name.endswith("running_var"):
        return 1 + 0.5 * values
    if name.endswith("running_mean") or name.endswith("bias"):
        return 0.1 * values
    if name.endswith(("bn2.weight", "bn3.weight")):  # small: else rounding grows from block to block
        return 0.2 + 0.04 * values
    if len(shape) == 1:
        return 1 + 0.2 * values
    return values * (gain / np.prod(shape[1:])) ** 0.5


def mark(name, t):
    v = t.detach().double().numpy().ravel()
    return {"norm": float(np.linalg.norm(v)), "probe": float(v @ u("probe " + name, v.size)), "first": v[:6].tolist()}


def reference(arch):
    torch.manual_seed(0)
    net = getattr(torchvision.models, arch)(num_classes=3).double()
    state = net.state_dict()
    for name, t in state.items():
        if not name.endswith("num_batches_tracked"):
            # both sides begin from the same float32 numbers
            state[name] = torch.tensor(fill(name, tuple(t.shape)).astype(np.float32)).double()
    net.load_state_dict(state)
    # Six images: with some other counts one ReLU's input lies so near 0 that
    # float32 and float64 disagree on its sign, which shows as 5e-4.
    x = torch.tensor(fill("input", (6, 3, 64, 64)).astype(np.float32)).double()
    y = torch.tensor([0, 1, 2, 1, 0, 0, 2, 1][:6])
    out = {"eval_logits": net.eval()(x).tolist()}
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, eps=1e-3)  # with the usual eps the first step is the sign of the gradient, which rounding turns where it is near 0
    logits = net.train()(x)
    loss = torch.nn.functional.cross_entropy(logits, y)
    loss.backward()
    out["train_logits"], out["loss"] = logits.tolist(), loss.item()
    out["gradients"] = {n: mark(n, p.grad) for n, p in net.named_parameters()}
    optimizer.step()
    out["updated"] = {n: mark(n, p) for n, p in net.named_parameters()}
    out["buffers"] = {n: mark(n, b) for n, b in net.named_buffers() if "running" in n}
    return out


def write(file, made, digits):
    with open(file, "w") as f:
        made = {"torch": torch.__version__.split("+")[0], **made}
        json.dump(json.loads(json.dumps(made), parse_float=lambda s: float(f"{float(s):.{digits}g}")), f, separators=(",", ":"))


if __name__ == "__main__":
    # nine digits are more than float32 has
    write("reference.json", {"resnet18": reference("resnet18"), "resnet50": reference("resnet50")}, 9)
