"""Makes torch_training.npz: gradients of losses by PyTorch's autograd, and parameters after steps of its optimizers.

Run with PyTorch 2.13.0: `python tests/network/reference/torch_training.py`. The tests read only the file; `LOSSES`,
`OPTIMIZERS` and `draw` are theirs too, so that both sides start from the same float64 numbers. An entry of the file
holds, flat and one after the other, the loss and the gradients of W1, b1, W2, b2, ..., or the parameters.
"""

from pathlib import Path

import numpy as np

#: By name: layers, activations, loss, shapes of the parameters, and the number of classes (0 for values).
LOSSES = {
    "cross_entropy": ("4,5,3", "tanh,softmax", "cross_entropy", [(4, 5), (5,), (5, 3), (3,)], 3),
    "log_softmax": ("4,5,3", "elu,log_softmax", "cross_entropy", [(4, 5), (5,), (5, 3), (3,)], 3),
    "logits": ("4,5,3", "gelu,identity", "cross_entropy", [(4, 5), (5,), (5, 3), (3,)], 3),
    "binary": ("4,5,1", "silu,sigmoid", "binary_cross_entropy", [(4, 5), (5,), (5, 1), (1,)], 2),
    "binary_logits": ("4,5,1", "softsign,identity", "binary_cross_entropy", [(4, 5), (5,), (5, 1), (1,)], 2),
    "many_binary": ("4,5,3", "mish,sigmoid", "binary_cross_entropy", [(4, 5), (5,), (5, 3), (3,)], 3),
    "mse": ("4,5,1", "tanh,identity", "mse", [(4, 5), (5,), (5, 1), (1,)], 0),
    "mse_sigmoid": ("4,5,1", "tanh,sigmoid", "mse", [(4, 5), (5,), (5, 1), (1,)], 0),
    "mse_classes": ("4,5,3", "tanh,softmax", "mse", [(4, 5), (5,), (5, 3), (3,)], 3),
    "mae": ("4,5,1", "tanh,identity", "mae", [(4, 5), (5,), (5, 1), (1,)], 0),
    "images": (
        "6x6x2,conv3x3:3,pool2,conv2x2:4:valid,flatten,3",
        "tanh,softplus,softmax",
        "cross_entropy",
        [(3, 3, 2, 3), (3,), (2, 2, 3, 4), (4,), (16, 3), (3,)],
        3,
    ),
    "words": (
        "6,embedding9:4,lstm5:sequence,lstm3,3",
        "softmax",
        "cross_entropy",
        [(9, 4), (0,), (9, 20), (20,), (8, 12), (12,), (3, 3), (3,)],
        3,
    ),
    "mean_of_words": ("6,embedding9:4,mean,3", "softmax", "cross_entropy", [(9, 4), (0,), (4, 3), (3,)], 3),
}
#: By name: the SPEC in actcli, the class of torch.optim and its arguments.
OPTIMIZERS = {
    "sgd": ("sgd@rate=0.3,momentum=0.8", "SGD", {"lr": 0.3, "momentum": 0.8}),
    "adagrad": ("adagrad@rate=0.2", "Adagrad", {"lr": 0.2, "eps": 1e-7}),
    "rmsprop": ("rmsprop@rate=0.02,rho=0.95", "RMSprop", {"lr": 0.02, "alpha": 0.95, "eps": 1e-7}),
    "adam": ("adam@rate=0.05,beta_1=0.8", "Adam", {"lr": 0.05, "betas": (0.8, 0.999), "eps": 1e-7}),
    "adamw": ("adamw@rate=0.05,weight_decay=0.1", "AdamW", {"lr": 0.05, "weight_decay": 0.1, "eps": 1e-7}),
}
STEPS = 20
ROWS = 7
FILE = Path(__file__).with_suffix(".npz")


def draw(name: str) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Features, targets and parameters of a case of `LOSSES`."""
    layers, _, _, shapes, classes = LOSSES[name]
    generator = np.random.RandomState(list(LOSSES).index(name))
    inputs = [int(n) for n in layers.split(",")[0].split("x")]
    words = "embedding" in layers
    features = generator.randint(0, 9, (ROWS, *inputs)) if words else generator.randn(ROWS, *inputs)
    targets = generator.randint(0, classes, ROWS) if classes else generator.rand(ROWS, 1)
    return features, targets, [generator.randn(*shape) * 0.7 for shape in shapes]


def forward(torch, name, x, parameters):
    """The network of a case before its last activation."""
    given = iter(parameters)
    functional = torch.nn.functional
    hidden = {
        "tanh": torch.tanh,
        "elu": functional.elu,
        "gelu": functional.gelu,
        "silu": functional.silu,
        "softsign": functional.softsign,
        "mish": functional.mish,
        "softplus": functional.softplus,
    }
    _, *words = LOSSES[name][0].split(",")
    functions = iter(LOSSES[name][1].split(","))
    for place, word in enumerate(words):
        if word.startswith("conv"):
            kernel, bias = next(given).permute(3, 2, 0, 1), next(given)
            x = x.permute(0, 3, 1, 2)
            x = functional.conv2d(x, kernel, bias, padding=0 if "valid" in word else 1).permute(0, 2, 3, 1)
        elif word.startswith("pool"):
            x = functional.max_pool2d(x.permute(0, 3, 1, 2), int(word[4:])).permute(0, 2, 3, 1)
            continue
        elif word == "flatten":
            x = x.reshape(len(x), -1)
            continue
        elif word == "mean":
            x = x.mean(dim=1)
            continue
        elif word.startswith("embedding"):
            x = functional.embedding(x.long(), next(given))
            next(given)
            continue
        elif word.startswith("lstm"):
            weights, bias = next(given), next(given)
            units = len(bias) // 4
            cell = torch.nn.LSTM(x.shape[2], units, batch_first=True, dtype=torch.float64)
            values = {
                "weight_ih_l0": weights[: x.shape[2]].T,
                "weight_hh_l0": weights[x.shape[2] :].T,
                "bias_ih_l0": bias,
                "bias_hh_l0": torch.zeros(4 * units, dtype=torch.float64),
            }
            states, _ = torch.func.functional_call(cell, values, (x,))
            x = states if "sequence" in word else states[:, -1]
            continue
        else:
            x = x @ next(given) + next(given)
        function = next(functions)
        if place < len(words) - 1:
            x = hidden[function](x)
    return x, function


def loss_of(torch, name, z, function, targets):
    functional = torch.nn.functional
    _, _, loss, _, classes = LOSSES[name]
    if loss == "cross_entropy":
        return functional.cross_entropy(z, torch.from_numpy(targets))
    if classes:
        shown = np.eye(classes)[targets] if z.shape[1] > 1 else targets.reshape(-1, 1).astype(float)
        targets = shown
    targets = torch.from_numpy(targets)
    if loss == "binary_cross_entropy":
        return functional.binary_cross_entropy_with_logits(z, targets)
    outputs = {"identity": z, "sigmoid": torch.sigmoid(z), "softmax": torch.softmax(z, -1)}[function]
    return (functional.mse_loss if loss == "mse" else functional.l1_loss)(outputs, targets)


def main() -> None:
    import torch

    made = {}
    for name in LOSSES:
        features, targets, arrays = draw(name)
        parameters = [torch.from_numpy(array).requires_grad_() for array in arrays]
        loss = loss_of(torch, name, *forward(torch, name, torch.from_numpy(features), parameters), targets)
        loss.backward()
        gradients = [parameter.grad for parameter in parameters if parameter.numel()]
        made[f"loss {name}"] = np.concatenate([[loss.item()], *(g.numpy().reshape(-1) for g in gradients)])
    for name, (_, kind, options) in OPTIMIZERS.items():
        features, targets, arrays = draw("cross_entropy")
        parameters = [torch.from_numpy(array).requires_grad_() for array in arrays]
        optimizer = getattr(torch.optim, kind)(parameters, **options)
        for _ in range(STEPS):
            optimizer.zero_grad()
            z, function = forward(torch, "cross_entropy", torch.from_numpy(features), parameters)
            loss_of(torch, "cross_entropy", z, function, targets).backward()
            optimizer.step()
        made[f"optimizer {name}"] = np.concatenate([p.detach().numpy().reshape(-1) for p in parameters])
    np.savez_compressed(FILE, **made)


if __name__ == "__main__":
    main()
