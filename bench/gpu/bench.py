"""Training speed of the runner against PyTorch on one machine, interleaved.

Usage: bench.py RUNNER OUT [--images N] [--rounds N] [--seconds N]
  RUNNER  the program, bin/runner
  OUT     folder for raw.json and table.md

Makes a synthetic data set, trains ResNet-18 and ResNet-50 on its crops of 224² with
the runner and with peer.py, in turns, and writes every figure. Images per second are
of whole epochs of training, data and augmentation included, without the first epoch.
Needs python3 with torch, torchvision and numpy. Works without a GPU (dry run): then
with a net and images of a size that a CPU can bear.
"""
import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
EXPERIMENT = """
name: {model}-{batch}-{precision}
data: {{source: {{rsna: {{root: {root}}}}}, split: {{by: study, validation: {validation}}}}}
preprocess: [decode, {{crop: {{around: point, millimetres: 80}}}}, window, {{resize: {{pixels: {size}}}}}]
augment: [{{rotate: {{degrees: 20}}}}, {{zoom: {{by: 0.1}}}}, {{shift: {{by: 0.2}}}}, {{flip: {{horizontal: 0.5}}}}, {{brightness: {{by: 0.2}}}}]
model: {{backbone: {model}}}
train:
  batch: {batch}
  compute: {{precision: {precision}, deterministic: {deterministic}}}
  optimizer: {{adam: {{rate: 1e-4}}}}
  phases: [{{name: all, train: [all], epochs: {epochs}}}]
evaluate: {{metrics: [accuracy]}}
"""


class Busy:
    """Share of time in which the GPU ran anything, and its memory, as the driver says."""

    def __enter__(self):
        self.samples, self.process = [], None
        if torch.cuda.is_available():
            command = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-lms", "200"]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            threading.Thread(target=self.read, daemon=True).start()
        return self

    def read(self):
        for line in self.process.stdout:
            try:
                self.samples.append([int(v) for v in line.split(",")])
            except ValueError:
                pass

    def __exit__(self, *_):
        if self.process:
            self.process.kill()

    def facts(self):
        if not self.samples:
            return {}
        # The highest stretch is training; the rest is starting and stopping.
        shares = sorted(s[0] for s in self.samples)
        return {"busy_median_percent": statistics.median(shares[len(shares) // 2:]), "memory_used_mib": max(s[1] for s in self.samples)}


def call(command, **more):
    start = time.perf_counter()
    with Busy() as busy:
        done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr[-4000:], sep="\n", file=sys.stderr)
        return None, {"failed": done.returncode, "error": done.stderr[-800:]}
    return done.stdout, {"wall_seconds": round(time.perf_counter() - start, 1), **busy.facts()}


def ours(args, work, c):
    file, db = os.path.join(work, "bench.yaml"), os.path.join(work, "bench.db")
    with open(file, "w") as f:
        f.write(EXPERIMENT.format(root=os.path.join(work, "data"), **c))
    out, facts = call([args.runner, "run", file, "--db", db, "--runs", os.path.join(work, "runs"), "--cache",
                       os.path.join(work, "cache"), "--reports", os.path.join(work, "reports"), *args.again])
    if out is None:
        return facts
    with sqlite3.connect(db) as d:
        run = d.execute("SELECT max(number) FROM runs").fetchone()[0]
        value = lambda name: [r[0] for r in d.execute(
            "SELECT value FROM scalars WHERE run = ? AND name = ? AND epoch > 0 ORDER BY epoch", (run, name))]
        rates = value("images_per_second")[1:]
        facts["facts"] = dict(d.execute("SELECT name, value FROM facts WHERE run = ?", (run,)).fetchall())
    return {**facts, "images_per_second": [round(r, 1) for r in rates], "median": round(statistics.median(rates), 1)}


def peer(mode, work, c):
    out, facts = call([sys.executable, os.path.join(HERE, "peer.py"), mode, c["model"], str(c["batch"]), c["precision"],
                       os.path.join(work, "images.npy")], env={**os.environ, "BENCH_EPOCHS": str(c["epochs"])})
    return facts if out is None else {**facts, **json.loads(out.strip().splitlines()[-1])}


def prepare(args, work, size):
    studies = -(-args.images // 25)
    subprocess.run([args.runner, "data", "synth", os.path.join(work, "data"), "--studies", str(studies), "--size", "256"], check=True)
    n = studies * 25
    rng = np.random.default_rng(0)
    np.save(os.path.join(work, "images.npy"), rng.integers(0, 65536, (n, 1, size, size), dtype=np.uint16))
    np.save(os.path.join(work, "labels.npy"), rng.integers(0, 3, n))


def tasks(gpu, rounds):
    """What is measured, the most telling first: the time may run out."""
    models, batches = (["resnet18", "resnet50"], [64, 256]) if gpu else (["resnet18"], [8])
    cells = {p: [{"model": m, "batch": b, "precision": p} for m in models for b in batches] for p in ("bf16", "fp32")}
    turn = [(who, c) for c in cells["bf16"] for who in ("runner", "eager", "step")] if gpu else []
    yield from turn
    yield from ((who, c) for c in cells["fp32"] for who in ("runner", "eager", "step"))
    if gpu:
        yield from (("compile", c) for c in cells["bf16"] if c["batch"] == 256)
    for _ in range(rounds - 1):
        yield from turn
    if gpu:
        yield from (("compile", c) for c in cells["bf16"] if c["batch"] == 64)


def measure(args, work, size, gpu):
    start, raw = time.perf_counter(), []
    for precision in ("bf16", "fp32") if gpu else ("fp32",):
        raw.append({"who": "matmul", "precision": precision, **peer("matmul", work, {"model": "-", "batch": 0, "precision": precision, "epochs": 1})})
    for who, cell in tasks(gpu, args.rounds):
        if args.only and not any(all(w in (who, cell["model"], str(cell["batch"]), cell["precision"]) for w in o.split(",")) for o in args.only):
            continue
        if args.seconds and time.perf_counter() - start > args.seconds:
            raw.append({**cell, "who": who, "skipped": "the time was over"})
            continue
        c = {**cell, "size": size, "validation": 0.02 if gpu else 0.25, "epochs": args.epochs, "deterministic": "false"}
        raw.append({**c, "who": who, **(ours(args, work, c) if who == "runner" else peer(who, work, c))})
        save(args, raw)
    return raw


# Multiply-adds of one forward pass at 224² (torchvision's documentation); training
# counts three passes of two operations each.
FORWARD = {"resnet18": 1.814e9, "resnet50": 4.089e9}


def table(raw, size):
    lines = ["| net | batch | precision | runner | eager | step alone | compile | runner / eager | runner / step | roofline |", "|---|---|---|---|---|---|---|---|---|---|"]
    flops = {r["precision"]: r.get("flops") for r in raw if r["who"] == "matmul"}
    keys = dict.fromkeys((r["model"], r["batch"], r["precision"]) for r in raw if r["who"] == "runner")
    for model, batch, precision in keys:
        def median(who):
            rates = [v for r in raw if r["who"] == who and (r["model"], r["batch"], r["precision"]) == (model, batch, precision) for v in r.get("images_per_second", [])]
            return statistics.median(rates) if rates else None
        r, e, s, c = (median(w) for w in ("runner", "eager", "step", "compile"))
        bound = flops[precision] / (6 * FORWARD[model] * (size / 224) ** 2) if flops.get(precision) else None
        show = lambda v: "–" if v is None else f"{v:,.0f}"
        ratio = lambda a, b: "–" if not a or not b else f"{a / b:.2f}"
        lines.append(f"| {model} | {batch} | {precision} | {show(r)} | {show(e)} | {show(s)} | {show(c)} | {ratio(r, e)} | {ratio(r, s)} | {show(bound)} |")
    return "\n".join(lines)


def save(args, raw):
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "raw.json"), "w") as f:
        json.dump(raw, f, indent=1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("runner", type=os.path.abspath)
    p.add_argument("out")
    p.add_argument("--images", type=int, default=4096)
    p.add_argument("--rounds", type=int, default=2)
    p.add_argument("--epochs", type=int, default=3)
    p.add_argument("--only", nargs="*", default=[], help="such as resnet50,fp32 compile,256: what has all words of one of them")
    p.add_argument("--seconds", type=float, default=0, help="begin nothing new after that long; 0: no limit")
    p.add_argument("--again", nargs="*", default=[], help="more arguments of runner run")
    args = p.parse_args()
    gpu = torch.cuda.is_available()
    size = 224 if gpu else 64
    if not gpu:
        args.images, args.epochs = min(args.images, 100), 2
    with tempfile.TemporaryDirectory() as work:
        prepare(args, work, size)
        raw = measure(args, work, size, gpu)
    save(args, raw)
    head = f"{torch.cuda.get_device_name() if gpu else platform.processor() or 'CPU'}, torch {torch.__version__}, {os.cpu_count()} cores; images a second, {size}²\n\n"
    with open(os.path.join(args.out, "table.md"), "w") as f:
        f.write(head + table(raw, size) + "\n")
    print(head + table(raw, size))


if __name__ == "__main__":
    main()
