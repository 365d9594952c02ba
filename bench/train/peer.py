"""PyTorch's side of bench/train: BenchmarkStep of stages/model in eager PyTorch.

Usage: peer.py MODEL SECONDS. Settings as in BenchmarkStep: BENCH_BATCH, BENCH_SIZE,
BENCH_THREADS, and BENCH_SLICES of nets for volumes. Prints images per second, images per second of processor time, and the
peak of resident memory in MB. The two ResNets are written here, so that torchvision is
not needed for them; nets of medical volumes are MONAI's, others torchvision's.
"""
import os
import resource
import sys
import time

import torch
from torch import nn


def conv(i, o, k, s):
    return nn.Conv2d(i, o, k, s, k // 2, bias=False)


class Block(nn.Module):
    def __init__(self, i, width, stride, bottleneck):
        super().__init__()
        o = width * (4 if bottleneck else 1)
        if bottleneck:
            self.branch = nn.Sequential(conv(i, width, 1, 1), nn.BatchNorm2d(width), nn.ReLU(True), conv(width, width, 3, stride),
                                        nn.BatchNorm2d(width), nn.ReLU(True), conv(width, o, 1, 1), nn.BatchNorm2d(o))
        else:
            self.branch = nn.Sequential(conv(i, width, 3, stride), nn.BatchNorm2d(width), nn.ReLU(True), conv(width, o, 3, 1), nn.BatchNorm2d(o))
        self.shortcut = nn.Sequential(conv(i, o, 1, stride), nn.BatchNorm2d(o)) if stride != 1 or i != o else nn.Identity()

    def forward(self, x):
        return torch.relu_(self.branch(x) + self.shortcut(x))


def resnet(blocks, bottleneck):
    layers, i = [conv(3, 64, 7, 2), nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)], 64
    for n, (width, stride) in zip(blocks, [(64, 1), (128, 2), (256, 2), (512, 2)]):
        for j in range(n):
            layers.append(Block(i, width, stride if j == 0 else 1, bottleneck))
            i = width * (4 if bottleneck else 1)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(i, 3))


# MONAI's nets: its name and options
MONAI = {
    "medicalnet_resnet10": ("resnet10", {"shortcut_type": "B", "bias_downsample": False}),
    "medicalnet_resnet18": ("resnet18", {"shortcut_type": "A"}),
    "medicalnet_resnet34": ("resnet34", {"shortcut_type": "A"}),
    "medicalnet_resnet50": ("resnet50", {"shortcut_type": "B", "bias_downsample": False}),
    "densenet121_3d": ("DenseNet121", {}),
}


def monai_net(name):
    import monai

    name, options = MONAI[name]
    sizes = {"n_input_channels": 1, "num_classes": 3} if name.startswith("resnet") else {"in_channels": 1, "out_channels": 3}
    return getattr(monai.networks.nets, name)(spatial_dims=3, **sizes, **options)


def main():
    name, seconds = sys.argv[1], float(sys.argv[2])
    batch, size = int(os.environ.get("BENCH_BATCH", 8)), int(os.environ.get("BENCH_SIZE", 64))
    if int(os.environ.get("BENCH_THREADS", 0)) > 0:
        torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
    volume, colours = False, 3
    if name in MONAI:
        net, volume, colours = monai_net(name), True, 1
    elif name in ("resnet18", "resnet50"):
        net = resnet([2, 2, 2, 2], False) if name == "resnet18" else resnet([3, 4, 6, 3], True)
    else:
        import torchvision

        volume = hasattr(torchvision.models.video, name)
        net = getattr(torchvision.models.video if volume else torchvision.models, name)(num_classes=3, **({"image_size": size} if name.startswith("vit") else {}))
        for m in net.modules():  # ours is left to the experiment
            if isinstance(m, nn.Dropout):
                m.p = 0
    net.train()
    mean, std, y = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225]), torch.arange(batch) % 3
    if colours == 1:
        mean, std = torch.tensor([0.449]), torch.tensor([0.226])
    if volume:  # grey slices, repeated for three channels where the net has so many
        mean, std = mean.view(1, -1, 1, 1, 1), std.view(1, -1, 1, 1, 1)
        x = torch.rand(batch, 1, int(os.environ.get("BENCH_SLICES", 8)), size, size)
    else:
        mean, std, x = mean.view(1, 3, 1, 1), std.view(1, 3, 1, 1), torch.rand(batch, 3, size, size)
    optimizer, loss_of = torch.optim.Adam(net.parameters(), lr=1e-4), nn.CrossEntropyLoss()

    def step():
        loss = loss_of(net((x - mean) / std), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    step()
    start, spent, n = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < seconds:
        step()
        n += 1
    rate, per_cpu = n * batch / (time.perf_counter() - start), n * batch / (time.process_time() - spent)
    print(f"{rate:.3f} {per_cpu:.3f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} torch {torch.__version__}")


if __name__ == "__main__":
    main()
