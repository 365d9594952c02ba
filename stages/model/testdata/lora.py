"""Writes lora.json: what torchvision's nets compute with corrections of low rank (LoRA) beside the
layers of attention, and beside all linear layers. Those behind attention are Hugging Face's PEFT.
Attention itself reads its weights past its layers, so there they are the paper's, W + alpha/r·B·A
in the place of W. Weights are made by the rule of make_reference.py, those of the corrections too;
gradients are stored as norm and probe. All but the corrections and the last layer is frozen.

    pip install torch torchvision numpy peft
    python lora.py
"""

import re

import numpy as np
import peft
import torch
import torch.nn.utils.parametrize
import torchvision

from make_reference import fill, u, write

RANK, ALPHA = 3, 6
NETS = {"vit_b_16": {"image_size": 64}, "swin_t": {}}
LAST = {"VisionTransformer": "heads.head", "SwinTransformer": "head"}


class Corrected(torch.nn.Module):
    def __init__(self, out, inputs):
        super().__init__()
        self.lora_A = torch.nn.Linear(inputs, RANK, bias=False)
        self.lora_B = torch.nn.Linear(RANK, out, bias=False)

    def forward(self, weight):
        return weight + ALPHA / RANK * self.lora_B.weight @ self.lora_A.weight


def corrected(net, everywhere):
    net.requires_grad_(False)
    trained = [net.get_submodule(LAST[type(net).__name__])]
    for name, m in list(net.named_modules()):
        of = {"in_proj_weight": m, "weight": getattr(m, "out_proj", None)} if isinstance(m, torch.nn.MultiheadAttention) else {}
        if name.endswith(("attn.qkv", "attn.proj")):
            of = {"weight": m}
        for weight, layer in of.items():
            trained.append(Corrected(*getattr(layer, weight).shape))
            torch.nn.utils.parametrize.register_parametrization(layer, weight, trained[-1])
    if everywhere:
        net = peft.get_peft_model(net, peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["mlp.0", "mlp.3", "reduction"]))
    for layer in trained:
        layer.requires_grad_(True)
    return net


def made(arch):
    net = getattr(torchvision.models, arch)(num_classes=3, **NETS[arch])
    for m in net.modules():
        if isinstance(m, torchvision.ops.StochasticDepth):
            m.p = 0
    return net


def ours(name):
    for pattern, by in (
        (r"base_model.model\.|base_layer\.|parametrizations.weight.0.", ""), (r"\bdefault\.", ""), (r"parametrizations.in_proj_weight.0\.", "in_proj."),
        (r"parametrizations\.(\w+)\.original", r"\1"), (r"^(heads\.)?head\.", "fc."),
    ):
        name = re.sub(pattern, by, name)
    return name


def gain(name):
    """That of B is small: corrections as large as the weights make answers that rounding changes."""
    return 0.02 if "lora_B" in name else 6


def reference(arch, everywhere):
    net = corrected(made(arch), everywhere).double()
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.copy_(torch.tensor(fill(ours(name), tuple(p.shape), gain(name)).astype(np.float32)).double())
    x = torch.tensor(fill("input", (6, 3, 64, 64)).astype(np.float32)).double()
    out = {"eval_logits": net.eval()(x).tolist()}
    loss = torch.nn.functional.cross_entropy(net.train()(x), torch.tensor([0, 1, 2, 1, 0, 0]))
    loss.backward()

    def mark(name, t):
        v = t.detach().double().numpy().ravel()
        return [float(np.linalg.norm(v)), float(v @ u("probe " + name, v.size))]

    out["gradients"] = {ours(n): mark(ours(n), p.grad) for n, p in net.named_parameters() if p.requires_grad}
    return out


nets = {"vit_b_16 attention": reference("vit_b_16", False), "swin_t all": reference("swin_t", True)}
write("lora.json", {"peft": peft.__version__, "nets": nets}, 7)
