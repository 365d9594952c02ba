"""Writes small files as torch.save writes them. The values of a state_dict are k/8 for
k = 0, 1, 2, ..., tensor by tensor.

saved.pth is a zip archive, saved-legacy.pth what PyTorch wrote before 1.6; saved-trainer.pth
is what trainers save: state_dicts beside counters, an optimizer and settings of classes of
their own; its tensors lie strided in larger storages, and some are of other types.
saved-net.pth is a net as a whole, not its state_dict, whose last layer is the first one
again. saved-views.pth holds tensors that are no plain ones: the imaginary part of a conjugate,
whose numbers are stored with the other sign; a parameter of a class of its own that has an
attribute; and a view whose first dimension, of 1, has a stride beyond its storage."""

import argparse
import collections
from collections import OrderedDict

import torch


def state_dict(change=lambda t: t):
    tensors, k = OrderedDict(), 0
    for name, shape in [("stem.weight", (3, 2, 2)), ("stem.bias", (3,)), ("last.weight", (2, 5))]:
        n = torch.Size(shape).numel()
        tensors[name] = change((torch.arange(k, k + n) / 8).reshape(shape))
        k += n
    tensors["stem.num_batches_tracked"] = torch.tensor(7)
    return tensors


def strided(t):
    """The same values, transposed and with others between them."""
    wide = torch.full((*reversed(t.shape), 2), -1.0)
    wide[..., 1] = t.permute(*reversed(range(t.dim())))
    return wide[..., 1].permute(*reversed(range(t.dim())))


torch.save(state_dict(), "saved.pth")
torch.save(state_dict(), "saved-legacy.pth", _use_new_zipfile_serialization=False)

parameter = torch.nn.Parameter(torch.ones(2))
optimizer = torch.optim.Adam([parameter])
parameter.sum().backward()
optimizer.step()
torch.save(
    {
        "epoch": 3,
        "settings": argparse.Namespace(rate=1e-3, sizes=collections.defaultdict(list, a=[1])),
        "optimizer": optimizer.state_dict(),
        "state_dict": state_dict(strided),
        "nets": {"double": state_dict(torch.Tensor.double), "half": state_dict(torch.Tensor.half), "brain": state_dict(torch.Tensor.bfloat16)},
    },
    "saved-trainer.pth",
)


class Tagged(torch.Tensor):
    pass


plain = state_dict()
tagged = torch.nn.Parameter(plain["stem.bias"].as_subclass(Tagged))
tagged.note = "kept"
torch.save(
    {
        "stem.weight": torch.complex(torch.zeros(3, 2, 2), -plain["stem.weight"]).conj().imag,
        "stem.bias": tagged,
        "last.weight": torch.as_strided(plain["last.weight"].clone(), (1, 2, 5), (1000, 5, 1)),
    },
    "saved-views.pth",
)

stem = torch.nn.Sequential(OrderedDict(conv=torch.nn.Linear(2, 3), norm=torch.nn.BatchNorm1d(3)))
net = torch.nn.Sequential(OrderedDict(stem=stem, last=stem.conv))
with torch.no_grad():
    net.stem.conv.weight.copy_(torch.arange(6).reshape(3, 2) / 8)
    net.stem.conv.bias.copy_(torch.arange(6, 9) / 8)
    net.stem.norm.running_mean.copy_(torch.arange(9, 12) / 8)
torch.save({"net": net}, "saved-net.pth")
