"""Writes layer_decay.json: how far three steps move each parameter in PyTorch, in float64, with
parameter groups of timm's param_groups_layer_decay. Weights are made by the rule of
stages/model/testdata/make_reference.py.

    pip install torch torchvision timm numpy
    python layer_decay.py
"""

import re
import sys

import numpy as np
import timm
import torch
from timm.optim import param_groups_layer_decay

sys.path.insert(0, "../../model/testdata")
from make_reference import fill, u, write

LABELS = torch.tensor([0, 1, 2, 1, 0, 0])
BATCH = (6, 3, 32, 32)


def of_vit(name):
    """torchvision's name of a tensor of timm's ViT."""
    for pattern, new in (
        ("cls_token", "class_token"), ("pos_embed", "encoder.pos_embedding"), (r"patch_embed\.proj", "conv_proj"), (r"^norm\.", "encoder.ln."),
        (r"^head\.", "fc."), (r"blocks\.", "encoder.layers.encoder_layer_"), (r"norm([12])", r"ln_\1"), (r"attn\.qkv\.", "self_attention.in_proj_"),
        (r"attn\.proj", "self_attention.out_proj"), (r"mlp\.fc1", "mlp.0"), (r"mlp\.fc2", "mlp.3"),
    ):
        name = re.sub(pattern, new, name)
    return name


def moved(net, ours, gain, options, optimizer, falls):
    net = net.double()
    state = net.state_dict()
    for name, t in state.items():
        if t.is_floating_point():
            state[name] = torch.tensor(fill(ours(name), tuple(t.shape), gain).astype(np.float32)).double()
    net.load_state_dict(state)
    before = {n: p.detach().clone() for n, p in net.named_parameters()}
    optimizer = optimizer(param_groups_layer_decay(net, **options))
    # timm's groups say what a rate is multiplied by; its schedulers do so, as this does
    for group in optimizer.param_groups:
        group["lr"] *= group["lr_scale"]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3) if falls else None
    x = torch.tensor(fill("input", BATCH).astype(np.float32)).double()
    for _ in range(3):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), LABELS).backward()
        optimizer.step()
        if schedule:
            schedule.step()
    out = {}
    for n, p in net.named_parameters():
        if p.requires_grad:
            d = (p.detach() - before[n]).numpy().ravel()
            out[ours(n)] = [float(np.linalg.norm(d)), float(d @ u("probe " + ours(n), d.size))]
    return out


resnet = timm.create_model("resnet18", num_classes=3).train()
for frozen in (resnet.conv1, resnet.bn1, resnet.layer1):
    frozen.requires_grad_(False).eval()
vit = timm.create_model("vit_small_patch16_224", num_classes=3, img_size=32).train()
write("layer_decay.json", {"timm": timm.__version__, "cases": {
    "resnet18": moved(
        resnet, lambda n: n, 6, {"weight_decay": 1e-3, "weight_decay_exclude_1d": False, "layer_decay": 0.75},
        lambda groups: torch.optim.SGD(groups, lr=1e-2, momentum=0.9), False),
    # eps is larger than usual: else the first step is the sign of the gradient, which rounding turns near 0
    "vit_s_16": moved(
        vit, of_vit, 6, {"weight_decay": 0.05, "no_weight_decay_list": vit.no_weight_decay(), "layer_decay": 0.65},
        lambda groups: torch.optim.AdamW(groups, lr=1e-2, eps=1e-3), True),
}}, 7)
