"""Writes regnet.json: a small RegNetY of torchvision, of timm and of Hugging Face (small_nets.py).

    pip install torch torchvision timm transformers numpy
    python regnet.py
"""

import timm
import torch
import torchvision
import transformers
from timm.models.regnet import RegNet, RegNetCfg
from torchvision.models.regnet import BlockParams

from make_reference import write
from small_nets import case

WIDTHS, BLOCKS, GROUP = [16, 24, 40, 48], [1, 2, 1, 1], 8
SIDES = (64, 48)


def pooled(net, x):
    return net(x)


params = BlockParams(depths=BLOCKS, widths=WIDTHS, group_widths=[GROUP] * 4, bottleneck_multipliers=[1.0] * 4, strides=[2] * 4, se_ratio=0.25)
vision = torchvision.models.RegNet(params)
vision.fc = torch.nn.Identity()


class Given(RegNet):
    """timm's net of these widths, which it makes otherwise of a line."""

    def _get_stage_args(self, cfg, *args, **kwargs):
        per_stage, common = super()._get_stage_args(cfg, *args, **kwargs)
        return [{**s, "out_chs": w, "depth": d, "group_size": GROUP} for s, w, d in zip(per_stage, WIDTHS, BLOCKS)], common


ours = Given(RegNetCfg(depth=16, w0=48, wa=27.89, wm=2.09, group_size=GROUP, se_ratio=0.25), num_classes=0)
face = transformers.RegNetModel(transformers.RegNetConfig(embedding_size=32, hidden_sizes=WIDTHS, depths=BLOCKS, groups_width=GROUP, layer_type="y"))
write("regnet.json", {"torchvision": torchvision.__version__.split("+")[0], "timm": timm.__version__, "transformers": transformers.__version__,
    "widths": WIDTHS, "blocks": BLOCKS, "group": GROUP, "cases": {
    "torchvision": case(vision, pooled, SIDES), "timm": case(ours, pooled, SIDES),
    "hugging_face": case(face, lambda net, x: net(x).pooler_output.flatten(1), SIDES, gradients=False),
}}, 9)
