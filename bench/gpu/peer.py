"""The same training in PyTorch, for comparison with the runner.

Usage: peer.py MODE MODEL BATCH PRECISION IMAGES_FILE
  MODE       eager    DataLoader with one worker a core, torchvision's v2 transforms,
                      AMP, channels-last, fused Adam
             compile  the same with torch.compile
             matmul   the rate of a large matrix product (MODEL and BATCH are ignored)
  PRECISION  bf16 or fp32 (TF32 off)
  IMAGES     an .npy file of uint16 images (N, 1, H, W) and, beside it, labels.npy

Prints one JSON object. whole: images per second with data and augmentation, from one
long pass without ends of epochs, once the batches that workers had ready are used up.
step: those of the step alone, on random data that lies on the device. Each is a list
of blocks of BENCH_SECONDS together. Works on a CPU as well, for a dry run.
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
SECONDS = float(os.environ.get("BENCH_SECONDS", 6))
BLOCKS = 4
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


def blocks(step, batch, seconds):
    """Rates of some blocks; step does one step."""
    rates = []
    for _ in range(BLOCKS):
        synchronize()
        begin, n = time.perf_counter(), 0
        while n == 0 or time.perf_counter() - begin < seconds / BLOCKS:
            for _ in range(4 if DEVICE == "cuda" else 1):
                step()
                n += 1
            synchronize()
        rates.append(round(n * batch / (time.perf_counter() - begin), 1))
    return rates


def whole(trainer, path, batch):
    data = Images(path)
    ready = 2 * WORKERS  # batches that workers hold, which would flatter what follows
    loader = torch.utils.data.DataLoader(
        data, batch_size=batch, sampler=torch.utils.data.RandomSampler(data, replacement=True, num_samples=1 << 40),
        num_workers=WORKERS, pin_memory=DEVICE == "cuda", prefetch_factor=2 if WORKERS > 0 else None)
    start = time.perf_counter()
    batches = iter(loader)
    trainer.step(*next(batches))
    synchronize()
    first = time.perf_counter() - start
    for _ in range(ready + 8 if DEVICE == "cuda" else 1):
        trainer.step(*next(batches))
    rates = blocks(lambda: trainer.step(*next(batches)), batch, SECONDS)
    del batches  # ends the workers
    return {"whole": rates, "seconds_to_first_step": round(first, 2)}


def alone(trainer, path, batch):
    size = np.load(path, mmap_mode="r").shape[-1]
    x = torch.rand(batch, 3, size, size, device=DEVICE).to(memory_format=torch.channels_last)
    y = torch.randint(0, 3, (batch,), device=DEVICE)
    for _ in range(4):
        trainer.step(x, y)
    return {"step": blocks(lambda: trainer.step(x, y), batch, SECONDS / 2)}


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
    facts = {**whole(trainer, path, int(batch)), **alone(trainer, path, int(batch))}
    peak = torch.cuda.max_memory_allocated() if DEVICE == "cuda" else 0
    print(json.dumps({**facts, "peak_bytes": peak, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
