"""Writes efficientnet_files.json: features of small EfficientNets of timm, efficientnet-pytorch and MONAI
in float64, in inference, and the gradients of the mean of their squares as norm and probe, with weights
by the rule of make_reference.py over the names of each library's state_dict.

    pip install torch timm efficientnet_pytorch monai numpy
    python efficientnet_files.py
"""

import functools

import efficientnet_pytorch
import monai
import numpy as np
import timm
import torch
from efficientnet_pytorch.utils import BlockDecoder, GlobalParams
from timm.models._efficientnet_builder import decode_arch_def
from timm.models.efficientnet import EfficientNet

from make_reference import fill, u, write

STEM, LAST = 16, 64
INVERTED = ["ds_r1_k3_s1_e1_c8_se0.25", "ir_r2_k3_s2_e6_c16_se0.25", "ir_r2_k5_s2_e4_c24_se0.25", "ir_r1_k5_s1_e4_c40_se0.25"]
FUSED = ["cn_r2_k3_s1_e1_c8_skip", "er_r2_k3_s2_e4_c16", "ir_r2_k3_s2_e4_c24_se0.25"]
ORIGINAL = ["r1_k3_s11_e1_i16_o8_se0.25", "r2_k3_s22_e6_i8_o16_se0.25", "r2_k5_s22_e4_i16_o24_se0.25", "r1_k5_s11_e4_i24_o40_se0.25"]


def of_timm(blocks, tensorflow):
    eps = 1e-3 if tensorflow else 1e-5
    return EfficientNet(
        decode_arch_def([[b] for b in blocks]), num_classes=0, num_features=LAST, stem_size=STEM, fix_stem=True, act_layer=torch.nn.SiLU,
        pad_type="same" if tensorflow else "", norm_layer=functools.partial(torch.nn.BatchNorm2d, eps=eps),
    )


def narrow(channels, *_):
    """The channels in the place of those that both libraries write down for stem and end."""
    return {32: STEM, 1280: LAST}.get(channels, channels)


class OfPytorch(efficientnet_pytorch.EfficientNet):
    def forward(self, x):
        return self._avg_pooling(self.extract_features(x)).flatten(1)


def of_pytorch(size):
    options = GlobalParams(
        width_coefficient=1.0, depth_coefficient=1.0, image_size=size, dropout_rate=0, num_classes=2, batch_norm_momentum=0.99,
        batch_norm_epsilon=1e-3, drop_connect_rate=0, depth_divisor=8, min_depth=None, include_top=True)
    efficientnet_pytorch.model.round_filters = narrow
    net = OfPytorch(BlockDecoder.decode(ORIGINAL), options)
    net.set_swish(memory_efficient=False)
    return net


class OfMonai(monai.networks.nets.EfficientNet):
    def forward(self, x):
        x = self._swish(self._bn0(self._conv_stem(self._conv_stem_padding(x))))
        x = self._blocks(x)
        x = self._swish(self._bn1(self._conv_head(self._conv_head_padding(x))))
        return self._avg_pooling(x).flatten(1)


def of_monai(size):
    monai.networks.nets.efficientnet._round_filters = narrow
    net = OfMonai(ORIGINAL, spatial_dims=2, in_channels=3, num_classes=2, width_coefficient=1.0, depth_coefficient=1.0, dropout_rate=0, image_size=size, drop_connect_rate=0)
    net.set_swish(memory_efficient=False)
    return net


def reference(net, height, width, **told):
    net = net.double().eval()
    state = {n: t for n, t in net.state_dict().items() if not n.endswith("num_batches_tracked")}
    net.load_state_dict({n: torch.tensor(fill(n, tuple(t.shape)).astype(np.float32)).double() for n, t in state.items()}, strict=False)
    features = net(torch.tensor(fill("input", (2, 3, height, width)).astype(np.float32)).double())
    features.square().mean().backward()
    marks = {n: p.grad.numpy().ravel() for n, p in net.named_parameters() if p.grad is not None}
    return {
        **told, "tensors": {n: list(t.shape) for n, t in state.items()}, "height": height, "width": width, "features": features.tolist(),
        "gradients": {n: [float(np.linalg.norm(v)), float(v @ u("probe " + n, v.size))] for n, v in marks.items()},
    }


write("efficientnet_files.json", {"timm": timm.__version__, "monai": monai.__version__, "efficientnet_pytorch": efficientnet_pytorch.__version__, "cases": {
    "timm": reference(of_timm(INVERTED, False), 64, 61),
    "timm, tensorflow": reference(of_timm(INVERTED, True), 61, 64, tensorflow=True),
    "timm, fused": reference(of_timm(FUSED, True), 64, 50, tensorflow=True, fused=True),
    "efficientnet-pytorch": reference(of_pytorch((64, 64)), 64, 64, tensorflow=True),
    "monai": reference(of_monai(64), 64, 64, tensorflow=True),
}}, 9)
