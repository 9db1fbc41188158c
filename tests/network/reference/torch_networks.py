"""Makes torch_networks.npz: outputs and autograd gradients of small networks in PyTorch, float32 and float64.

Run with PyTorch 2.13.0: `python tests/network/reference/torch_networks.py`. The tests read only the file; `CASES` and
`draw` are theirs too, so that both sides run the same networks on the same numbers. An entry of the file holds, flat
and one after the other, the output and the gradients of the inputs, W1, b1, W2, b2, ...
"""

from itertools import pairwise
from pathlib import Path

import numpy as np

#: By SPEC: the module of torch.nn and its arguments. Without Hardsigmoid, whose float64 gradient PyTorch
#: computes with 1/6 rounded to float32.
CASES = {
    "identity": ("Identity", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("ReLU", {}),
    "leaky_relu": ("LeakyReLU", {}),
    "leaky_relu@negative_slope=0.2": ("LeakyReLU", {"negative_slope": 0.2}),
    "elu": ("ELU", {}),
    "elu@alpha=0.5": ("ELU", {"alpha": 0.5}),
    "selu": ("SELU", {}),
    "celu@alpha=2": ("CELU", {"alpha": 2.0}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "silu": ("SiLU", {}),
    "gelu": ("GELU", {}),
    "gelu_tanh": ("GELU", {"approximate": "tanh"}),
    "mish": ("Mish", {}),
    "relu6": ("ReLU6", {}),
    "torch.hardtanh": ("Hardtanh", {}),
    "torch.hardswish": ("Hardswish", {}),
    "torch.logsigmoid": ("LogSigmoid", {}),
    "torch.tanhshrink": ("Tanhshrink", {}),
    "torch.softshrink": ("Softshrink", {}),
    "torch.hardshrink": ("Hardshrink", {}),
    "softmax": ("Softmax", {"dim": -1}),
    "log_softmax": ("LogSoftmax", {"dim": -1}),
}
SIZES = (4, 6, 5, 3)
IMAGE = (6, 5, 2)
FILE = Path(__file__).with_suffix(".npz")


def draw(case: int, dtype: str) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray], np.ndarray]:
    """(batch, weights, biases, gradient of the output) of the dense network number `case`."""
    generator = np.random.RandomState(case)
    batch = generator.randn(7, SIZES[0])
    weights = [generator.randn(n, m) for n, m in pairwise(SIZES)]
    biases = [generator.randn(m) for m in SIZES[1:]]
    gradient = generator.randn(7, SIZES[-1])
    return (
        batch.astype(dtype),
        [w.astype(dtype) for w in weights],
        [b.astype(dtype) for b in biases],
        gradient.astype(dtype),
    )


def draw_image(dtype: str) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray], np.ndarray]:
    """As `draw`, for conv3x3:3, pool2, conv2x2:4:valid, flatten, 5 over images of `IMAGE`, with tanh."""
    generator = np.random.RandomState(99)
    batch = generator.randn(3, *IMAGE)
    weights = [generator.randn(3, 3, 2, 3), generator.randn(2, 2, 3, 4), generator.randn(2 * 1 * 4, 5)]
    biases = [generator.randn(3), generator.randn(4), generator.randn(5)]
    gradient = generator.randn(3, 5)
    return (
        batch.astype(dtype),
        [w.astype(dtype) for w in weights],
        [b.astype(dtype) for b in biases],
        gradient.astype(dtype),
    )


def main() -> None:
    import torch
    from torch import nn

    results = {}

    def keep(name, model, weighted, x, gradient):
        output = model(x)
        output.backward(gradient)
        parts = [output.detach(), x.grad]
        for layer in weighted:
            w = layer.weight.grad
            parts += [w.T if w.ndim == 2 else w.permute(2, 3, 1, 0), layer.bias.grad]
        results[name] = np.concatenate([part.numpy().reshape(-1) for part in parts])

    def tensors(layer, w, b):
        w = torch.from_numpy(w)
        layer.weight = nn.Parameter((w.T if w.ndim == 2 else w.permute(3, 2, 0, 1)).contiguous())
        layer.bias = nn.Parameter(torch.from_numpy(b))
        return layer

    class Flat(nn.Module):  # channels last, as actcli has images
        def forward(self, x):
            return x.permute(0, 2, 3, 1).flatten(1)

    class First(nn.Module):
        def forward(self, x):
            return x.permute(0, 3, 1, 2)

    for dtype in ("float32", "float64"):
        for case, (spec, (module, options)) in enumerate(CASES.items()):
            batch, weights, biases, gradient = draw(case, dtype)
            layers = [tensors(nn.Linear(*w.shape), w, b) for w, b in zip(weights, biases, strict=True)]
            model = nn.Sequential(*(part for layer in layers for part in (layer, getattr(nn, module)(**options))))
            keep(f"{dtype}/{spec}", model, layers, torch.from_numpy(batch).requires_grad_(), torch.from_numpy(gradient))
        batch, weights, biases, gradient = draw_image(dtype)
        layers = [
            tensors(nn.Conv2d(2, 3, 3, padding="same"), weights[0], biases[0]),
            tensors(nn.Conv2d(3, 4, 2), weights[1], biases[1]),
            tensors(nn.Linear(8, 5), weights[2], biases[2]),
        ]
        one, two, three = layers
        model = nn.Sequential(First(), one, nn.Tanh(), nn.MaxPool2d(2), two, nn.Tanh(), Flat(), three, nn.Tanh())
        keep(f"{dtype}/image", model, layers, torch.from_numpy(batch).requires_grad_(), torch.from_numpy(gradient))
    np.savez_compressed(FILE, **results)


if __name__ == "__main__":
    main()
