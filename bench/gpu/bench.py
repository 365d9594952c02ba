"""Training speed of the runner against PyTorch on one machine, in turns.

Usage: bench.py RUNNER OUT [--only ...] [--seconds N] [--work DIR] [--trace LIBRARY]
  RUNNER  the program, bin/runner
  OUT     folder for raw.json, table.md and profile.json

Makes a synthetic data set, trains ResNet-18 and ResNet-50 on its crops of 224² with
the runner and with peer.py, in turns, and writes every figure. The runner's images
per second are of whole epochs, data and augmentation included, without the first one;
peer.py says what its own are. Needs python3 with torch, torchvision and numpy. Works
without a GPU (dry run): then with a net and images of a size that a CPU can bear.
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
import time

import numpy as np
import torch

import profile_trace

HERE = os.path.dirname(os.path.abspath(__file__))
GPU = torch.cuda.is_available()
SIZE, EPOCHS = (224, 3) if GPU else (64, 2)
EXPERIMENT = """
name: {model}-{batch}-{precision}
data: {{source: {{rsna: {{root: {root}}}}}, split: {{by: study, validation: {validation}}}}}
preprocess: [decode, {{crop: {{around: point, millimetres: 80}}}}, window, {{resize: {{pixels: {size}}}}}]
augment: [{{rotate: {{degrees: 20}}}}, {{zoom: {{by: 0.1}}}}, {{shift: {{by: 0.2}}}}, {{flip: {{horizontal: 0.5}}}}, {{brightness: {{by: 0.2}}}}]
model: {{backbone: {model}}}
train:
  batch: {batch}
  balance: {{sampling: repeat, repeat: {{normal_mild: {repeat}, moderate: {repeat}, severe: {repeat}}}}}
  compute: {{precision: {precision}, graphs: {graphs}, deterministic: {deterministic}}}
  optimizer: {{adam: {{rate: 1e-4}}}}
  phases: [{{name: all, train: [all], epochs: {epochs}}}]
evaluate: {{metrics: [accuracy]}}
"""
# How often an epoch shows each image, so that it lasts some seconds.
REPEAT = {("resnet18", "bf16"): 8, ("resnet50", "bf16"): 4, ("resnet18", "fp32"): 2}


def call(command, env=None):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(env or {})})
    wall = {"wall_seconds": round(time.perf_counter() - start, 1)}
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr[-4000:], sep="\n", file=sys.stderr)
        return None, {"failed": done.returncode, "error": done.stderr[-800:], **wall}
    return done.stdout, wall


def ours(args, work, c, env=None):
    file, db = os.path.join(work, "bench.yaml"), os.path.join(work, "bench.db")
    with open(file, "w") as f:
        f.write(EXPERIMENT.format(
            root=os.path.join(work, "data"), size=SIZE, validation=0.02 if GPU else 0.25, epochs=EPOCHS,
            repeat=REPEAT.get((c["model"], c["precision"]), 1) if GPU else 1, graphs=str(c["who"] != "plain").lower(), deterministic=str(c["who"] == "products").lower(), **c))
    out, facts = call([args.runner, "run", file, "--again", "--db", db, "--runs", os.path.join(work, "runs"), "--cache",
                       os.path.join(work, "cache"), "--reports", os.path.join(work, "reports")], env)
    if out is None:
        return facts
    with sqlite3.connect(db) as d:
        run = d.execute("SELECT max(number) FROM runs").fetchone()[0]
        value = lambda name, series: [r[0] for r in d.execute(
            "SELECT value FROM scalars WHERE run = ? AND name = ? AND series = ? AND epoch > 0 ORDER BY epoch", (run, name, series))]
        facts["facts"] = dict(d.execute("SELECT name, value FROM facts WHERE run = ?", (run,)).fetchall())
        facts["peak_bytes"] = 1e6 * max(value("memory", "device, most so far"), default=0)
        rates = value("images_per_second", "train")[1:]
    facts["seconds_to_first_step"] = float(facts["facts"]["first step"].split()[0])
    return {**facts, "whole": [round(r, 1) for r in rates]}


def peer(work, c, env=None):
    out, facts = call([sys.executable, os.path.join(HERE, "peer.py"), c["who"], c["model"], str(c["batch"]), c["precision"],
                       os.path.join(work, "images.npy")], env)
    return facts if out is None else {**facts, **json.loads(out.strip().splitlines()[-1])}


def prepare(args, work):
    if os.path.exists(os.path.join(work, "labels.npy")):
        return
    studies = -(-args.images // 25)
    subprocess.run([args.runner, "data", "synth", os.path.join(work, "data"), "--studies", str(studies), "--size", "256"], check=True, stdout=subprocess.DEVNULL)
    rng = np.random.default_rng(0)
    np.save(os.path.join(work, "images.npy"), rng.integers(0, 65536, (studies * 25, 1, SIZE, SIZE), dtype=np.uint16))
    np.save(os.path.join(work, "labels.npy"), rng.integers(0, 3, studies * 25))


def tasks():
    """What is measured, the most telling first: the time may run out."""
    models, batches, precisions = (["resnet18", "resnet50"], [64, 256], ["bf16", "fp32"]) if GPU else (["resnet18"], [8], ["fp32"])
    cells = [{"model": m, "batch": b, "precision": p} for p in precisions for m in models for b in batches]
    for precision in precisions:
        yield {"who": "matmul", "model": "-", "batch": 0, "precision": precision}
    for c in cells:
        for who in ("runner", "eager", "plain") if GPU else ("runner", "eager"):
            yield {"who": who, **c}
    if GPU:
        yield from ({"who": "compile", **c} for c in cells if c["precision"] == "bf16")
    # Attention in one kernel, and product by product, which is what deterministic does.
    transformer = {"model": "vit_b_16", "batch": 128, "precision": "bf16"} if GPU else {"model": "vit_b_16", "batch": 2, "precision": "fp32"}
    for who in ("runner", "products", "eager") if GPU else ("runner", "products"):
        yield {"who": who, **transformer}


def wanted(args, c):
    words = (c["who"], c["model"], str(c["batch"]), c["precision"])
    return not args.only or any(all(w in words for w in o.split(",")) for o in args.only)


def measure(args, work):
    start, raw = time.perf_counter(), []
    for c in tasks():
        if not wanted(args, c):
            continue
        if args.seconds and time.perf_counter() - start > args.seconds:
            raw.append({**c, "skipped": "the time was over"})
            continue
        raw.append({**c, **(ours(args, work, c) if c["who"] in ("runner", "plain", "products") else peer(work, c))})
        save(args, "raw.json", raw)
    return raw


def profiles(args, work):
    """Where the device's time goes, for some of the cells; tracing costs some speed."""
    out = []
    for words in args.traced:
        who, model, batch, precision = words.split(",")
        c = {"who": who, "model": model, "batch": int(batch), "precision": precision}
        file = os.path.join(work, "trace")
        env = {"CUDA_INJECTION64_PATH": os.path.abspath(args.trace), "TRACE": file}
        facts = ours(args, work, c, env) if who in ("runner", "plain") else peer(work, c, env)
        out.append({**c, "whole": facts.get("whole"), "error": facts.get("error"), **(profile_trace.summary(file) if os.path.exists(file) else {})})
        save(args, "profile.json", out)
    return out


# Multiply-adds of one forward pass at 224² (torchvision's documentation); training
# counts three passes of two operations each.
FORWARD = {"resnet18": 1.814e9, "resnet50": 4.089e9, "vit_b_16": 17.564e9}


def table(raw):
    lines = ["| net | batch | precision | runner | without graphs | eager | step | compile | its step | runner / eager | runner / step | roofline | GB: runner, without graphs, eager |",
             "|" + "---|" * 13]
    flops = {r["precision"]: r.get("flops") for r in raw if r["who"] == "matmul"}
    for model, batch, precision in dict.fromkeys((r["model"], r["batch"], r["precision"]) for r in raw if r["who"] != "matmul"):
        cell = {r["who"]: r for r in raw if (r["model"], r["batch"], r["precision"]) == (model, batch, precision)}

        def median(who, what="whole"):
            rates = cell.get(who, {}).get(what)
            return statistics.median(rates) if rates else None
        bound = flops[precision] / (6 * FORWARD[model] * (SIZE / 224) ** 2) if flops.get(precision) else None
        show = lambda v: "–" if v is None else f"{v:,.0f}"
        ratio = lambda a, b: "–" if not a or not b else f"{a / b:.2f}"
        memory = ", ".join(f"{cell[w]['peak_bytes'] / 1e9:.1f}" if cell.get(w, {}).get("peak_bytes") else "–" for w in ("runner", "plain", "eager"))
        rates = [median("runner"), median("plain"), median("eager"), median("eager", "step"), median("compile"), median("compile", "step")]
        lines.append(f"| {model} | {batch} | {precision} | {' | '.join(map(show, rates))} | {ratio(rates[0], rates[2])} | {ratio(rates[0], rates[3])} | {show(bound)} | {memory} |")
    for r in raw:
        if r["who"] == "products" and r.get("whole"):
            lines.append(f"\n{r['model']}, batch {r['batch']}, {r['precision']}, with attention product by product: {statistics.median(r['whole']):,.0f}, {r['peak_bytes'] / 1e9:.1f} GB")
    return "\n".join(lines)


def save(args, name, data):
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, name), "w") as f:
        json.dump(data, f, indent=1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("runner", type=os.path.abspath)
    p.add_argument("out")
    p.add_argument("--images", type=int, default=4096 if GPU else 100)
    p.add_argument("--only", nargs="*", default=[], help="such as resnet50,fp32 compile,256: what has all words of one of them")
    p.add_argument("--seconds", type=float, default=0, help="begin nothing new after that long; 0: no limit")
    p.add_argument("--work", help="folder for data, kept for the next call")
    p.add_argument("--trace", help="the library of trace.cpp: profiles what traced names")
    p.add_argument("--traced", nargs="*", default=["runner,resnet50,256,bf16", "eager,resnet50,256,bf16", "runner,resnet18,64,bf16", "plain,resnet18,64,bf16"])
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = os.path.abspath(args.work or folder)
        os.makedirs(work, exist_ok=True)
        prepare(args, work)
        if args.trace:
            print(json.dumps(profiles(args, work), indent=1))
        raw = measure(args, work)
    head = f"{torch.cuda.get_device_name() if GPU else platform.processor() or 'CPU'}, torch {torch.__version__}, {os.cpu_count()} cores; images a second, {SIZE}²\n\n"
    with open(os.path.join(args.out, "table.md"), "w") as f:
        f.write(head + table(raw) + "\n")
    print(head + table(raw))


if __name__ == "__main__":
    main()
