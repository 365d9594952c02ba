"""The same training in PyTorch, for comparison with the runner.

Usage: peer.py MODE MODEL BATCH PRECISION IMAGES_FILE
  MODE       eager    data, augmentation and step: DataLoader, torchvision v2, AMP,
                      channels-last, fused Adam
             compile  the same with torch.compile
             step     eager's step alone, on random data that is on the device
             matmul   the rate of a large matrix product (MODEL and BATCH are ignored)
  PRECISION  bf16 or fp32 (TF32 off)
  IMAGES     an .npy file of uint16 images (N, 1, H, W) and, beside it, labels.npy

Prints one JSON object: images per second of each epoch after the first (or of each
block of steps), the median, the time to the first step, and the peak of device
memory. Works on a CPU as well, for a dry run.
"""
import json
import os
import statistics
import sys
import time

import numpy as np
import torch
import torchvision
from torchvision.transforms import v2

WORKERS = int(os.environ.get("BENCH_WORKERS", os.cpu_count() or 1))
EPOCHS = int(os.environ.get("BENCH_EPOCHS", 3))
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Images(torch.utils.data.Dataset):
    """What the runner reads as well: 16-bit images from a memory map."""

    def __init__(self, path):
        self.images = np.load(path, mmap_mode="r")
        self.labels = np.load(os.path.join(os.path.dirname(path), "labels.npy"))
        self.augment = v2.Compose([
            v2.RandomAffine(degrees=20, translate=(0.2, 0.2), scale=(0.9, 1.1), interpolation=v2.InterpolationMode.BILINEAR),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=0.2),
        ])

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = torch.from_numpy(self.images[i].astype(np.float32) / 65535)
        return self.augment(image).expand(3, -1, -1), int(self.labels[i])


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


class Trainer:
    def __init__(self, name, precision, compiled):
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = True
        net = getattr(torchvision.models, name)(num_classes=3)
        self.net = net.to(DEVICE, memory_format=torch.channels_last).train()
        self.forward = torch.compile(self.net) if compiled else self.net
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4, fused=DEVICE == "cuda")
        self.loss = torch.nn.CrossEntropyLoss()
        self.amp = precision == "bf16"
        self.mean = torch.tensor([0.485, 0.456, 0.406], device=DEVICE).view(1, 3, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225], device=DEVICE).view(1, 3, 1, 1)

    def step(self, x, y):
        x = x.to(DEVICE, non_blocking=True, memory_format=torch.channels_last)
        y = y.to(DEVICE, non_blocking=True)
        x = (x - self.mean) / self.std
        with torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=self.amp):
            loss = self.loss(self.forward(x), y)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()


def report(rates, first, **more):
    peak = torch.cuda.max_memory_allocated() if DEVICE == "cuda" else 0
    print(json.dumps({
        "images_per_second": [round(r, 1) for r in rates], "median": round(statistics.median(rates), 1),
        "seconds_to_first_step": round(first, 2), "peak_bytes": peak, "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu", **more}))


def epochs(trainer, path, batch):
    data = Images(path)
    loader = torch.utils.data.DataLoader(
        data, batch_size=batch, shuffle=True, drop_last=True, num_workers=WORKERS, pin_memory=DEVICE == "cuda",
        persistent_workers=WORKERS > 0, prefetch_factor=4 if WORKERS > 0 else None)
    start, first, rates = time.perf_counter(), None, []
    for epoch in range(EPOCHS):
        begin, seen, total = time.perf_counter(), 0, torch.zeros((), device=DEVICE)
        for x, y in loader:
            total += trainer.step(x, y)
            seen += len(y)
            if first is None:
                synchronize()
                first = time.perf_counter() - start
        total.item()
        if epoch > 0:
            rates.append(seen / (time.perf_counter() - begin))
    report(rates, first)


def steps(trainer, path, batch):
    size = np.load(path, mmap_mode="r").shape[-1]
    x = torch.rand(batch, 3, size, size, device=DEVICE).to(memory_format=torch.channels_last)
    y = torch.randint(0, 3, (batch,), device=DEVICE)
    start = time.perf_counter()
    trainer.step(x, y)
    synchronize()
    first, rates = time.perf_counter() - start, []
    n = max(2, 1024 // batch) if DEVICE == "cuda" else 2
    for _ in range(4):
        begin = time.perf_counter()
        for _ in range(n):
            trainer.step(x, y)
        synchronize()
        rates.append(n * batch / (time.perf_counter() - begin))
    report(rates[1:], first)


def matmul(precision):
    n = 8192 if DEVICE == "cuda" else 512
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    torch.backends.cuda.matmul.allow_tf32 = False
    x, rates = torch.randn(n, n, device=DEVICE, dtype=dtype), []
    for _ in range(6):
        synchronize()
        begin = time.perf_counter()
        for _ in range(5):
            x @ x
        synchronize()
        rates.append(5 * 2 * n**3 / (time.perf_counter() - begin))
    print(json.dumps({"flops": statistics.median(rates[1:]), "torch": torch.__version__}))


def main():
    mode, name, batch, precision, path = sys.argv[1:6]
    if mode == "matmul":
        return matmul(precision)
    trainer = Trainer(name, precision, compiled=mode == "compile")
    (steps if mode == "step" else epochs)(trainer, path, int(batch))


if __name__ == "__main__":
    main()
