"""Writes one small state_dict as torch.save writes it: as a zip archive, and as it was before
PyTorch 1.6. Their values are k/8 for k = 0, 1, 2, ..., tensor by tensor."""

from collections import OrderedDict

import torch

tensors, k = OrderedDict(), 0
for name, shape in [("stem.weight", (3, 2, 2)), ("stem.bias", (3,)), ("last.weight", (2, 5))]:
    n = torch.Size(shape).numel()
    tensors[name] = (torch.arange(k, k + n) / 8).reshape(shape)
    k += n
tensors["stem.num_batches_tracked"] = torch.tensor(7)

torch.save(tensors, "saved.pth")
torch.save(tensors, "saved-legacy.pth", _use_new_zipfile_serialization=False)
