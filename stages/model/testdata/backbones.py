"""Writes a file for each further backbone: what torchvision computes for weights that
both sides make by the rule of make_reference.py. Stochastic depth is off, since both
sides draw otherwise. Weights of the deepest are smaller than that rule's: in inference
their numbers else grow until float32 and float64 have nothing in common. Gradients and
statistics are stored as norm and probe. Nets of medical volumes are MONAI's, as it builds them
for the weights of MedicalNet (get_medicalnet_pretrained_resnet_args); the others torchvision's.

    pip install torch torchvision numpy monai
    python backbones.py [names]
"""

import sys

import numpy as np
import torch
import torchvision

from make_reference import fill, u, write

NETS = {
    "densenet121": {}, "efficientnet_b0": {"dropout": 0}, "efficientnet_v2_s": {"dropout": 0}, "convnext_tiny": {},
    "efficientnet_b3": {"dropout": 0}, "resnext50_32x4d": {}, "mobilenet_v3_large": {"dropout": 0},
    "wide_resnet50_2": {}, "densenet169": {}, "convnext_base": {},
    "vit_b_16": {"image_size": 64}, "swin_t": {}, "r3d_18": {}, "mc3_18": {}, "r2plus1d_18": {},
}
# name of MONAI's net, its options, and the sides of its volumes
MONAI = {
    "medicalnet_resnet10": ("resnet10", {"shortcut_type": "B", "bias_downsample": False}, (10, 32, 32)),
    "medicalnet_resnet18": ("resnet18", {"shortcut_type": "A", "bias_downsample": True, "conv1_t_stride": 2}, (10, 32, 32)),
    "medicalnet_resnet34": ("resnet34", {"shortcut_type": "A", "bias_downsample": True}, (10, 32, 32)),
    "medicalnet_resnet50": ("resnet50", {"shortcut_type": "B", "bias_downsample": False}, (10, 32, 32)),
    "densenet121_3d": ("DenseNet121", {"in_channels": 1, "out_channels": 3}, (32, 32, 32)),
}
# of the weights of convolutions and linear layers
GAIN = {
    "medicalnet_resnet10": 6, "medicalnet_resnet18": 6, "medicalnet_resnet34": 6, "medicalnet_resnet50": 6, "densenet121_3d": 6,
    "densenet121": 6, "efficientnet_b0": 6, "efficientnet_v2_s": 4.3, "convnext_tiny": 6, "vit_b_16": 6, "swin_t": 6, "r3d_18": 6, "mc3_18": 6, "r2plus1d_18": 5,
    "efficientnet_b3": 6, "resnext50_32x4d": 6, "mobilenet_v3_large": 4,
    "wide_resnet50_2": 6, "densenet169": 6, "convnext_base": 6,
}
LAST = {
    "medicalnet_resnet10": "fc.", "medicalnet_resnet18": "fc.", "medicalnet_resnet34": "fc.", "medicalnet_resnet50": "fc.", "densenet121_3d": "class_layers.out.",
    "densenet121": "classifier.", "efficientnet_b0": "classifier.1.", "efficientnet_v2_s": "classifier.1.", "convnext_tiny": "classifier.2.",
    "efficientnet_b3": "classifier.1.", "resnext50_32x4d": "fc.", "mobilenet_v3_large": "classifier.3.",
    "wide_resnet50_2": "fc.", "densenet169": "classifier.", "convnext_base": "classifier.2.",
    "vit_b_16": "heads.head.", "swin_t": "head.", "r3d_18": "fc.", "mc3_18": "fc.", "r2plus1d_18": "fc.",
}
# They see images of 32 pixels, and not 64, to save time.
SMALL = ("resnext50_32x4d", "mobilenet_v3_large", "wide_resnet50_2", "convnext_base")
# Nets for volumes see these as ten slices of one channel, repeated for their three.
VOLUMES = ("r3d_18", "mc3_18", "r2plus1d_18")


# the layer that Grad-CAM looks at, and how its output becomes maps_BCHW, as pytorch-grad-cam's
# reshape_transform has it
WATCHED = {
    "vit_b_16": ("encoder.layers.encoder_layer_11.ln_1", lambda y: y[:, 1:].transpose(1, 2).unflatten(2, (4, 4))),
    "swin_t": ("norm", lambda y: y.permute(0, 3, 1, 2)),
}


def watched(net, layer, x):
    """The maps, and the gradient of all logits of class 1 by them."""
    seen = []
    hook = net.get_submodule(layer[0]).register_forward_hook(lambda _, __, y: seen.append(y))
    logits = net.eval()(x)
    hook.remove()
    return [layer[1](t) for t in (seen[0], torch.autograd.grad(logits[:, 1].sum(), seen[0])[0])]


def made(arch):
    """The net, and what it sees."""
    if arch in MONAI:
        import monai

        name, options, sides = MONAI[arch]
        if name.startswith("resnet"):
            options = {"n_input_channels": 1, "num_classes": 3, **options}
        x = fill("input", (6, *sides))
        return getattr(monai.networks.nets, name)(spatial_dims=3, **options), torch.tensor(x.astype(np.float32)).unsqueeze(1)
    side = 32 if arch in SMALL else 64
    models = torchvision.models.video if arch in VOLUMES else torchvision.models
    x = torch.tensor(fill("input", (6, 10, 32, 32) if arch in VOLUMES else (6, 3, side, side)).astype(np.float32))
    if arch in VOLUMES:
        x = x.unsqueeze(1).repeat(1, 3, 1, 1, 1)
    return getattr(models, arch)(num_classes=3, **NETS[arch]), x


def reference(arch):
    net, x = (t.double() for t in made(arch))
    for m in net.modules():
        if isinstance(m, torchvision.ops.StochasticDepth):
            m.p = 0
    ours = lambda name: name.replace(LAST[arch], "fc.") if name.startswith(LAST[arch]) else name
    state = net.state_dict()
    for name, t in state.items():
        if t.is_floating_point():
            state[name] = torch.tensor(fill(ours(name), tuple(t.shape), GAIN[arch]).astype(np.float32)).double()
    net.load_state_dict(state)
    out = {"gain": GAIN[arch], "eval_logits": net.eval()(x).tolist()}
    logits = net.train()(x)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 1, 0, 0]))
    loss.backward()
    out["train_logits"], out["loss"] = logits.tolist(), loss.item()

    def mark(name, t):
        v = t.detach().double().numpy().ravel()
        return [float(np.linalg.norm(v)), float(v @ u("probe " + name, v.size))]

    if arch in WATCHED:
        maps, gradient = watched(net, WATCHED[arch], x)
        out["watched"] = {"maps": mark("maps", maps), "gradient": mark("maps", gradient)}
    out["gradients"] = {ours(n): mark(ours(n), p.grad) for n, p in net.named_parameters()}
    out["buffers"] = {n: mark(n, b) for n, b in net.named_buffers() if "running" in n}
    return out


for arch in sys.argv[1:] or [*NETS, *MONAI]:
    write(arch + ".json", reference(arch), 7)
