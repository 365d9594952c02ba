"""What tests of files of weights want of a small net, in float64, with weights by the rule of make_reference.py
over the names of the file: its features in inference; and in training features, running statistics afterwards,
and the gradients of the mean of their squares, these two as norm and probe. Of nets of few channels 1e-4 of a
gradient can be told from float32's rounding."""

import numpy as np
import torch

from make_reference import fill, u


def filled(shapes, gain=6):
    return {name: torch.tensor(fill(name, tuple(shape), gain).astype(np.float32)).double() for name, shape in shapes.items()}


def marked(tensors):
    return {n: [float(np.linalg.norm(v)), float(v @ u("probe " + n, v.size))] for n, v in ((n, t.detach().numpy().ravel()) for n, t in tensors)}


def shapes_of(net):
    return {n: list(t.shape) for n, t in net.state_dict().items() if t.is_floating_point()}


def case(net, features, sides, tensors=None, state=None, gradients=True, gain=6):
    """net with the weights of a file, whose tensors have these shapes, and which state leads to; of none its own."""
    net = net.double()
    tensors = tensors or shapes_of(net)
    net.load_state_dict(state or filled(tensors, gain), strict=False)
    x = torch.tensor(fill("input", (2, 3, *sides)).astype(np.float32)).double()
    out = {"tensors": tensors, "gain": gain, "height": sides[0], "width": sides[1], "features": features(net.eval(), x).tolist()}
    if gradients:
        net.zero_grad()
        trained = features(net.train(), x)
        trained.square().mean().backward()
        out["train"] = trained.tolist()
        out["gradients"] = marked((n, p.grad) for n, p in net.named_parameters() if p.grad is not None)
        out["buffers"] = marked((n, b) for n, b in net.named_buffers() if "running" in n)
    return out
