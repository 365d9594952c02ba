"""Prints how far torch.autocast is from float32 in ResNets, as stages/train/numerics.go
measures it: what is normal for the report's table Numerics. Runs on the CPU.

    python numerics.py      # PyTorch 2.11, torchvision
"""
import torch
import torchvision


def answer(net, images, labels, precision):
    """Logits and gradients of one batch; the net's statistics stay."""
    before = {name: value.clone() for name, value in net.state_dict().items()}
    scale = 65536.0 if precision == torch.float16 else 1.0
    while True:
        net.zero_grad()
        with torch.autocast("cpu", dtype=precision, enabled=precision != torch.float32):
            logits = net(images)
        loss = torch.nn.functional.cross_entropy(logits.float(), labels)
        (loss * scale).backward()
        net.load_state_dict(before)
        gradient = torch.cat([p.grad.double().flatten() for p in net.parameters()]) / scale
        if torch.isfinite(gradient).all() or scale <= 1:
            return logits.detach().double(), gradient
        scale /= 2


def relative(got, want):
    return ((got - want).norm() / want.norm()).item()


def train(net, images, labels, steps):
    optimizer = torch.optim.Adam(net.parameters(), 1e-4)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()


for name in ["resnet18", "resnet50"]:
    for seed in [0, 1]:
        torch.manual_seed(seed)
        net = getattr(torchvision.models, name)(num_classes=3).train()
        images, labels = torch.rand(16, 3, 64, 64), torch.randint(0, 3, (16,))
        for steps in [0, 10]:
            train(net, images, labels, steps)
            want, slope = answer(net, images, labels, torch.float32)
            for precision in [torch.bfloat16, torch.float16]:
                got, g = answer(net, images, labels, precision)
                cosine = (g @ slope / g.norm() / slope.norm()).item()
                print(f"{name} seed {seed}, {steps} steps, {precision}: logits {relative(got, want):.4f}, "
                      f"gradient {relative(g, slope):.4f}, cosine {cosine:.4f}", flush=True)
