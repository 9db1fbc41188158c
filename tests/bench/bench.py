"""Measures the speed of actcli. Run by hand: `python -m tests.bench.bench [PART]...`, parts as in `PARTS`.

Makes its data, runs actcli and alternatives in turn for several rounds, and prints the medians and their ratios.
actcli is measured as it is installed for this Python; install it normally (not with `pip install -e`), as its users do.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROUNDS = 7
TEXT_NUMBERS = 2_000_000
ARRAY_NUMBERS = 50_000_000

MAKE_TEXT = """
import numpy as np
values = np.random.default_rng(0).normal(size={}) * 5
lines = "\\n".join(map(repr, values.tolist())) + "\\n"
open("in.txt", "w").write(lines)
open("ten.txt", "w").write(lines * 10)
"""
MAKE_ARRAY = "import numpy as np; np.save('in.npy', np.random.default_rng(0).normal(size={}) * 4)"
MAKE_NETWORK = """
import numpy as np
generator = np.random.default_rng(0)
np.save("in.npy", generator.random((70_000, 784)).astype("{0}"))
arrays = {{}}
for number, shape in enumerate([(784, 50), (50, 100), (100, 10)], 1):
    arrays[f"W{{number}}"] = generator.normal(size=shape).astype("{0}") / 10
    arrays[f"b{{number}}"] = generator.normal(size=shape[1]).astype("{0}")
np.savez("w.npz", **arrays)
"""
SAVETXT = "import numpy as np, sys; np.savetxt(sys.stdout.buffer, 1 / (1 + np.exp(-np.loadtxt(sys.stdin))))"
WHOLE = "import numpy as np; x = np.load('in.npy'); np.save('numpy.npy', 1 / (1 + np.exp(-x)))"
TORCH = "import numpy as np, torch; x = torch.from_numpy(np.load('in.npy')); np.save('torch.npy', {}(x).numpy())"

# The network of the lecture notes in numpy: load, loop over batches of 100, save.
LOOP = """
import numpy as np
x, w = np.load('in.npy'), np.load('w.npz')
W1, b1, W2, b2, W3, b3 = (w[name] for name in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3'))
def sigmoid(x): return 1 / (1 + np.exp(-x))
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
out = []
for i in range(0, len(x), 100):
    out.append(softmax(sigmoid(sigmoid(x[i:i + 100] @ W1 + b1) @ W2 + b2) @ W3 + b3))
np.save('numpy.npy', np.concatenate(out))
"""
TORCH_LOOP = """
import numpy as np, torch
x, w = torch.from_numpy(np.load('in.npy')), np.load('w.npz')
W1, b1, W2, b2, W3, b3 = (torch.from_numpy(w[name]) for name in ('W1', 'b1', 'W2', 'b2', 'W3', 'b3'))
out = []
with torch.no_grad():
    for i in range(0, len(x), 100):
        out.append(torch.softmax(torch.sigmoid(torch.sigmoid(x[i:i + 100] @ W1 + b1) @ W2 + b2) @ W3 + b3, -1))
np.save('torch.npy', torch.cat(out).numpy())
"""


MAKE_IMAGES = """
import numpy as np
generator = np.random.default_rng(0)
labels = generator.integers(0, 10, 60_000)
images = generator.random((60_000, 784)) / 2
images[np.arange(60_000), labels] += 0.5
np.savez("in.npz", X=images.astype("float32"), y=labels)
"""
# Chapter 10 of the NNFS book, and the comparison of the slides, in the style of a tutorial.
TORCH_TRAIN = """
import sys, numpy as np, torch
features, labels, hidden, rate, epochs, size = {}
net = torch.nn.Sequential(*hidden)
optimizer = torch.optim.Adam(net.parameters(), lr=rate)
criterion = torch.nn.CrossEntropyLoss()
for epoch in range(epochs):
    order = torch.randperm(len(features)) if size < len(features) else torch.arange(len(features))
    total = right = 0.0
    for start in range(0, len(features), size):
        x, y = features[order[start:start + size]], labels[order[start:start + size]]
        optimizer.zero_grad()
        outputs = net(x)
        loss = criterion(outputs, y)
        loss.backward()
        optimizer.step()
        total += loss.item()
        right += (outputs.argmax(1) == y).sum().item()
"""
TORCH_SPIRAL = TORCH_TRAIN.format(
    "torch.randn(300, 2), torch.arange(300) // 100, "
    "[torch.nn.Linear(2, 64), torch.nn.ReLU(), torch.nn.Linear(64, 3)], 0.05, 10_001, 300"
)
TORCH_IMAGES = TORCH_TRAIN.format(
    "torch.from_numpy(np.load('in.npz')['X']), torch.from_numpy(np.load('in.npz')['y']), [torch.nn.Linear(784, 64), "
    "torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)], 1e-3, 5, 32"
)


class Timed:
    """One command, its wall times in seconds and its peak memory in MB."""

    def __init__(self, name: str, command: Sequence[str], stdin: str | None = None) -> None:
        self.name = name
        self.command = command
        self.stdin = stdin
        self.seconds: list[float] = []
        self.peak = 0.0

    def run(self, folder: Path) -> None:
        source = folder / self.stdin if self.stdin else Path(os.devnull)
        with source.open("rb") as data, Path(os.devnull).open("wb") as sink:
            begun = time.perf_counter()
            process = subprocess.Popen(self.command, stdin=data, stdout=sink, cwd=folder)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds.append(time.perf_counter() - begun)
        if status:
            raise SystemExit(f"{self.name} failed with {os.waitstatus_to_exitcode(status)}")
        process.returncode = 0
        self.peak = max(self.peak, usage.ru_maxrss / 1024)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def compare(title: str, timed: Sequence[Timed], folder: Path, rounds: int) -> None:
    """Run all in turn, so that load of the machine affects all; the others are compared with the first."""
    for _ in range(rounds):
        for one in timed:
            one.run(folder)
    print(f"\n{title}")
    for one in timed:
        ratio = f"actcli takes {timed[0].median / one.median:.2f} of it" if one is not timed[0] else ""
        print(f"  {one.name:24} {one.median:7.3f} s (best {min(one.seconds):.3f})  {one.peak:6.0f} MB  {ratio}")


def make(script: str, folder: Path) -> None:
    """Make data in a separate process, because the peak memory of a child includes that of its parent at the fork."""
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True)


def text(actcli: str, folder: Path) -> None:
    make(MAKE_TEXT.format(TEXT_NUMBERS), folder)
    peers = [Timed("actcli eval sigmoid -q", [actcli, "eval", "sigmoid", "-q"], "in.txt")]
    script = '{printf "%.17g\\n",1/(1+exp(-$1))}'
    peers += [Timed(awk, [awk, script], "in.txt") for awk in ("mawk", "gawk") if shutil.which(awk)]
    if shutil.which("perl"):
        peers.append(Timed("perl", ["perl", "-ne", 'printf "%.17g\\n",1/(1+exp(-$_))'], "in.txt"))
    if shutil.which("mlr"):
        peers.append(Timed("Miller", ["mlr", "--inidx", "--ojson", "put", "$y=1/(1+exp(-$1))"], "in.txt"))
    peers.append(Timed("numpy loadtxt, savetxt", [sys.executable, "-c", SAVETXT], "in.txt"))
    compare(f"Text: {TEXT_NUMBERS:,} numbers through sigmoid", peers, folder, ROUNDS)
    ten = Timed("actcli, ten times that", [actcli, "eval", "sigmoid", "-q"], "ten.txt")
    compare("Text: flat memory", [peers[0], ten], folder, 1)


def npy(actcli: str, folder: Path) -> None:
    make(MAKE_ARRAY.format(ARRAY_NUMBERS), folder)
    has_torch = importlib.util.find_spec("torch") is not None
    for name in ("sigmoid", "gelu"):
        command = [actcli, "eval", name, "--input", "in.npy", "--output", "out.npy"]
        peers = [Timed(f"actcli eval {name}", command)]
        if name == "sigmoid":
            peers.append(Timed("numpy, whole array", [sys.executable, "-c", WHOLE]))
        if has_torch:
            script = TORCH.format("torch.sigmoid" if name == "sigmoid" else "torch.nn.functional.gelu")
            peers.append(Timed("torch, whole array", [sys.executable, "-c", script]))
        compare(f".npy: {ARRAY_NUMBERS:,} float64 through {name}", peers, folder, ROUNDS)


def start(actcli: str, folder: Path) -> None:
    peers = [
        Timed("actcli eval relu -- -3 2", [actcli, "eval", "relu", "--", "-3", "2"]),
        Timed("import numpy", [sys.executable, "-c", "import numpy"]),
        Timed("actcli --help", [actcli, "--help"]),
    ]
    compare("Start", peers, folder, 3 * ROUNDS)


def forward(actcli: str, folder: Path) -> None:
    for dtype in ("float32", "float64"):
        make(MAKE_NETWORK.format(dtype), folder)
        words = "forward --layers 784,50,100,10 --activation sigmoid,sigmoid,softmax --weights w.npz --input in.npy"
        words += f" --batch-size 100 --dtype {dtype} --output out.npy"
        peers = [
            Timed("actcli forward", [actcli, *words.split()]),
            Timed("numpy loop", [sys.executable, "-c", LOOP]),
        ]
        if importlib.util.find_spec("torch") is not None:
            peers.append(Timed("torch loop", [sys.executable, "-c", TORCH_LOOP]))
        compare(f"784-50-100-10 over 70,000 {dtype} rows in batches of 100", peers, folder, ROUNDS)


def train(actcli: str, folder: Path) -> None:
    has_torch = importlib.util.find_spec("torch") is not None
    book = str(Path(__file__).parents[1] / "network" / "reference" / "book.py")
    spiral = [actcli, "train", "--layers", "2,64,3"]
    peers = [
        Timed("actcli train", spiral),
        Timed("the book's program", [sys.executable, book, "adam", "10001"]),
        *([Timed("torch loop", [sys.executable, "-c", TORCH_SPIRAL])] if has_torch else []),
    ]
    compare("Chapter 10: 2-64-3 over 300 rows, 10,001 epochs", peers, folder, 3)
    many = ["--sweep", "seed=0,1,2,3,4,5,6,7"]
    compare("Eight of them", [Timed("actcli train --sweep", [*spiral, *many]), peers[0]], folder, 3)
    make(MAKE_IMAGES, folder)
    words = "train --layers 784,64,64,10 --input in.npz --init glorot --optimizer adam --epochs 5 --batch-size 32"
    peers = [
        Timed("actcli train", [actcli, *words.split(), "--shuffle"]),
        *([Timed("torch loop", [sys.executable, "-c", TORCH_IMAGES])] if has_torch else []),
    ]
    compare("784-64-64-10 over 60,000 rows in batches of 32, 5 epochs", peers, folder, 3)


# The common formula in numpy in one line, and the function of torch.
KERNELS = {
    "relu": ("np.maximum(x, 0)", "torch.relu"),
    "leaky_relu": ("np.where(x > 0, x, 0.01 * x)", "F.leaky_relu"),
    "sigmoid": ("1 / (1 + np.exp(-x))", "torch.sigmoid"),
    "tanh": ("np.tanh(x)", "torch.tanh"),
    "softplus": ("np.log(1 + np.exp(x))", "F.softplus"),
    "softsign": ("x / (1 + np.abs(x))", "F.softsign"),
    "elu": ("np.where(x > 0, x, np.exp(x) - 1)", "F.elu"),
    "selu": ("1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1))", "F.selu"),
    "swish": ("x / (1 + np.exp(-x))", "F.silu"),
    "gelu_tanh": ("x / 2 * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x**3)))", "gelu_tanh"),
    "gelu": ("", "F.gelu"),
    "mish": ("x * np.tanh(np.log(1 + np.exp(x)))", "F.mish"),
    "hard_sigmoid": ("np.clip(x / 6 + 0.5, 0, 1)", "F.hardsigmoid"),
    "hard_swish": ("x * np.clip(x + 3, 0, 6) / 6", "F.hardswish"),
    "tanh_shrink": ("x - np.tanh(x)", "F.tanhshrink"),
    "erf": ("", "torch.erf"),
    "squareplus": ("(x + np.sqrt(x * x + 4)) / 2", ""),
    "serf": ("", ""),
}
KERNEL_NUMBERS = 1_000_000


def kernels(actcli: str, folder: Path) -> None:
    """Nanoseconds per element in one process and thread: value and slope, the numpy formula, torch."""
    import numpy as np

    from actcli import get

    x = np.random.default_rng(0).normal(size=KERNEL_NUMBERS) * 3
    has_torch = importlib.util.find_spec("torch") is not None
    if has_torch:
        import torch
        import torch.nn.functional as functional

        torch.set_num_threads(1)
        names = {"torch": torch, "F": functional, "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh")}
        tensor = torch.from_numpy(x)

    def nanoseconds(function: Callable[[], object]) -> float:
        function()
        return min(_elapsed(function) for _ in range(ROUNDS)) / KERNEL_NUMBERS * 1e9

    print(f"\nKernels: ns an element, {KERNEL_NUMBERS:,} float64, one thread, best of {ROUNDS}")
    print(f"  {'':14} {'value':>8} {'slope':>8} {'naive numpy':>12} {'torch':>8}")
    for name, (naive, peer) in KERNELS.items():
        activation = get(name)
        cells = [nanoseconds(lambda: activation(x)), nanoseconds(lambda: activation.slope(x))]  # noqa: B023
        line = f"  {name:14} {cells[0]:8.1f} {cells[1]:8.1f}"
        line += f" {nanoseconds(lambda: eval(naive, {'np': np, 'x': x})):12.1f}" if naive else f" {'':12}"  # noqa: B023
        if has_torch and peer:
            compute = eval(peer, names)
            line += f" {nanoseconds(lambda: compute(tensor)):8.1f}"  # noqa: B023
        print(line)


def _elapsed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


PARTS = {"text": text, "npy": npy, "start": start, "forward": forward, "kernels": kernels, "train": train}


def main() -> None:
    """Run the parts named on the command line, or all parts."""
    actcli = shutil.which("actcli", path=str(Path(sys.executable).parent))
    if actcli is None:
        raise SystemExit(f"actcli is not installed beside {sys.executable}")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for part in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[part](actcli, Path(folder))


if __name__ == "__main__":
    main()
