"""The work of bench/sweep/trials.yaml with Optuna and PyTorch, in one process or in
a process for each trial: random images of the same size, the same net, batch,
optimizer and epochs. It prints seconds until the first step and for all trials.

    python optuna_trials.py one|each TRIALS
"""
import subprocess
import sys
import time

BEGUN = time.time()


def train(rate, batch, first=None):
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = torch.randn(200, 1, 12, 12), torch.randint(0, 3, (200,))
    held, truth = torch.randn(125, 1, 12, 12), torch.randint(0, 3, (125,))
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3, padding=1),
                        nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))
    optimizer, loss = torch.optim.Adam(net.parameters(), rate), nn.CrossEntropyLoss()
    value = 0.0
    for _ in range(9):
        net.train()
        for at in torch.randperm(200).split(batch):
            optimizer.zero_grad()
            loss(net(images[at]), labels[at]).backward()
            optimizer.step()
            if first and not first[0]:
                first[0] = time.time()
        net.eval()
        with torch.no_grad():
            value = float(loss(net(held), truth))
    return value


if __name__ == "__main__":
    how, n = sys.argv[1], int(sys.argv[2])
    if how == "trial":
        first = [0]
        value = train(float(sys.argv[3]), int(sys.argv[4]), first)
        print(value, first[0] - BEGUN)
        sys.exit()
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    starts = []

    def objective(t):
        rate, batch = t.suggest_float("rate", 1e-5, 1e-1, log=True), t.suggest_int("batch", 8, 64, log=True)
        if how == "one":
            return train(rate, batch)
        begun = time.time()
        out = subprocess.run([sys.executable, __file__, "trial", "1", str(rate), str(batch)], capture_output=True, text=True, check=True).stdout.split()
        starts.append(float(out[1]))
        return float(out[0])

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0), storage=sys.argv[3] if len(sys.argv) > 3 else None)
    study.optimize(objective, n_trials=n)
    print(f"optuna {optuna.__version__}, {how}: {n} trials in {time.time() - BEGUN:.2f} s" + (f", {sum(starts) / len(starts):.2f} s until the first step" if starts else ""))
