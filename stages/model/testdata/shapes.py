"""Writes shapes.json: of each of torchvision's backbones, and of timm's DINOv2, CAFormer and PVT v2, without its last layer how many tensors
and parameters it has, a SHA-256 over the lines "name shape" of its state_dict in the order of
names, and what torch.utils.flop_counter counts for one image of 32 pixels, of DINOv2 28 and of MaxViT 224, without
that layer, in multiply-adds. With names it prints those lines instead, to hold against what a test shows.

    pip install torch torchvision timm
    python shapes.py [names]
"""

import hashlib
import json
import sys

import timm
import torch
import torchvision
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

# what the last layer is called
LAST = {
    "resnet18": "fc", "resnet34": "fc", "resnet50": "fc", "resnet101": "fc", "resnet152": "fc", "resnext50_32x4d": "fc", "wide_resnet50_2": "fc",
    "densenet121": "classifier", "densenet169": "classifier", "densenet201": "classifier",
    "efficientnet_b0": "classifier.1", "efficientnet_b1": "classifier.1", "efficientnet_b2": "classifier.1", "efficientnet_b3": "classifier.1", "efficientnet_b4": "classifier.1", "efficientnet_b5": "classifier.1",
    "efficientnet_b6": "classifier.1", "efficientnet_b7": "classifier.1", "efficientnet_v2_l": "classifier.1",
    "efficientnet_v2_s": "classifier.1", "efficientnet_v2_m": "classifier.1", "mobilenet_v3_large": "classifier.3",
    "convnext_tiny": "classifier.2", "convnext_small": "classifier.2", "convnext_base": "classifier.2",
    **{f"regnet_y_{size}": "fc" for size in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf")},
    "swin_t": "head", "swin_s": "head", "swin_b": "head", "maxvit_t": "classifier.5", "swin_v2_t": "head", "swin_v2_s": "head", "swin_v2_b": "head", "vit_b_16": "heads.head", "vit_l_16": "heads.head",
}

# timm's names. Where there are registers its class token has no position of its own; the authors' has.
TIMM = {
    f"dinov2_vit{size[0]}14{reg}": f"vit_{size}_patch14_{'reg4_' if reg else ''}dinov2" for size in ("small", "base", "large") for reg in ("", "_reg")
}
LAST.update({name: "head" for name in TIMM})
OTHERS = {name: name for name in ("caformer_s18", "caformer_s36", "caformer_b36", "pvt_v2_b2", "pvt_v2_b3", "pvt_v2_b4", "pvt_v2_b5")}
LAST.update({name: "head" if "pvt" in name else "head.fc.fc2" for name in OTHERS})


def theirs(name):
    """The net, and the names and shapes of its own that ours has otherwise."""
    if name in OTHERS:  # whose norm and layer before the last have names of their own here
        net = timm.create_model(name, num_classes=3).eval()
        ours = {"head.norm": "classifier.0", "head.fc.fc1": "classifier.fc1", "head.fc.norm": "classifier.norm"}
        parts = {n: (new + n[len(old):], p) for n, p in net.named_parameters() for old, new in ours.items() if n.startswith(old + ".")}
        return net, parts
    if name not in TIMM:
        return getattr(torchvision.models, name)(num_classes=3, **({"image_size": 32} if name.startswith("vit") else {})).eval(), {}
    net = timm.create_model(TIMM[name], img_size=28, num_classes=3).eval()
    if "reg" not in name:
        return net, {}
    places, width = net.pos_embed.shape[1:]
    with_class = torch.nn.Parameter(torch.zeros(1, places + 1, width))
    return net, {"reg_token": ("register_tokens", net.reg_token), "pos_embed": ("pos_embed", with_class)}


def outlined(name):
    """Names and shapes, how many parameters there are, and the multiply-adds."""
    with torch.device("cpu" if "regnet" in name else "meta"):  # RegNet's widths are computed
        net, others = theirs(name)
        own = [others.get(n, (n, p)) for n, p in net.named_parameters() if not n.startswith(LAST[name] + ".")]
        fixed = [(n, b) for n, b in net.named_buffers() if n.endswith(("running_mean", "running_var"))]
        side = 28 if "dinov2" in name else 224 if "maxvit" in name else 32
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
            net(torch.zeros(1, 3, side, side))
    lines = sorted(" ".join([n, *map(str, t.shape)]) for n, t in own + fixed)
    return lines, sum(p.numel() for _, p in own), counter.get_total_flops() // 2 - net.get_submodule(LAST[name]).weight.numel()


if sys.argv[1:]:
    for arch in sys.argv[1:]:
        print("\n".join(outlined(arch)[0]))
    sys.exit()
made = {}
for arch in LAST:
    lines, parameters, products = outlined(arch)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    made[arch] = {"tensors": len(lines), "parameters": parameters, "sha256": digest, "products": products}
with open("shapes.json", "w") as f:
    json.dump({"torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0], "timm": timm.__version__, "nets": made}, f, indent=1)
    f.write("\n")
