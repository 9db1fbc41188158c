"""Initialisers, which draw the weights of a layer before training."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from actcli.network.layers import Array, Shape
from actcli.spelling import did_you_mean

#: The names of `--init`, and the distribution of each; n_in and n_out are the layer's fan-in and fan-out.
SUMMARIES = {
    "nnfs": "0.01·N(0, 1), drawn as the NNFS book does",
    "normal": "N(0, 1)",
    "uniform": "U(-1, 1)",
    "glorot": "U(±sqrt(6 / (n_in + n_out)))",
    "glorot_normal": "N(0, 2 / (n_in + n_out))",
    "he": "N(0, 2 / n_in)",
    "he_uniform": "U(±sqrt(6 / n_in))",
    "lecun": "N(0, 1 / n_in)",
    "lecun_uniform": "U(±sqrt(3 / n_in))",
    "orthogonal": "orthonormal rows or columns",
    "zeros": "0",
    "ones": "1",
    "identity": "1 on the diagonal, 0 elsewhere",
}
_ALIASES = {
    "glorot_uniform": "glorot",
    "xavier": "glorot",
    "xavier_uniform": "glorot",
    "xavier_normal": "glorot_normal",
    "he_normal": "he",
    "kaiming": "he",
    "kaiming_normal": "he",
    "kaiming_uniform": "he_uniform",
    "lecun_normal": "lecun",
    "eye": "identity",
    "zero": "zeros",
    "one": "ones",
    "constant": "ones",
}
#: (variance times fan, fan, distribution) of the initialisers whose variance depends on the layer's size.
_SCALED = {
    "glorot": (1.0, "fan_avg", "uniform"),
    "glorot_normal": (1.0, "fan_avg", "normal"),
    "he": (2.0, "fan_in", "normal"),
    "he_uniform": (2.0, "fan_in", "uniform"),
    "lecun": (1.0, "fan_in", "normal"),
    "lecun_uniform": (1.0, "fan_in", "uniform"),
}
_MODES = ("fan_in", "fan_out", "fan_avg")


@dataclass(frozen=True)
class Initialiser:
    """An initialiser: a name of `SUMMARIES`, a factor on every weight, and the fan in the variance (None: the usual).

    >>> initialiser("he@gain=0.5").draw(np.random.RandomState(0), (2, 3), np.float32).dtype
    dtype('float32')
    """

    name: str
    gain: float
    mode: str | None = None

    def draw(self, generator: np.random.RandomState, shape: Shape, dtype: DTypeLike) -> Array:
        """Weights of `shape`, (inputs, units) or (height, width, channels, units), in `dtype`."""
        with np.errstate(over="ignore"):  # a gain beyond the range of the type gives infinite weights
            return self._drawn(generator, shape, dtype)

    def _drawn(self, generator: np.random.RandomState, shape: Shape, dtype: DTypeLike) -> Array:
        *receptive, inputs, units = shape
        if self.name in _SCALED:
            scale, mode, distribution = _SCALED[self.name]
            fan_in, fan_out = inputs * math.prod(receptive), units * math.prod(receptive)
            fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode or mode]
            deviation = self.gain * math.sqrt(scale / fan)
            if distribution == "normal":
                return generator.randn(*shape).astype(dtype) * deviation
            return generator.uniform(-1, 1, shape).astype(dtype) * (deviation * math.sqrt(3))
        if self.name in ("nnfs", "normal"):
            return generator.randn(*shape).astype(dtype) * self.gain
        if self.name == "uniform":
            return generator.uniform(-1, 1, shape).astype(dtype) * self.gain
        if self.name == "orthogonal":
            rows = math.prod(shape[:-1])
            tall = generator.randn(max(rows, units), min(rows, units))
            q, r = np.linalg.qr(tall)
            q = q * np.sign(np.diag(r))  # the signs make the distribution uniform over the orthogonal matrices
            return (self.gain * (q if rows >= units else q.T)).reshape(shape).astype(dtype)
        filled = np.zeros(shape, dtype)
        if self.name == "ones":
            filled[...] = self.gain
        elif self.name == "identity":
            # In a convolution the identity is at the centre of the kernel.
            filled[tuple((size - 1) // 2 for size in receptive)] = np.eye(inputs, units) * self.gain
        return filled


def initialiser(spec: str, scale: float | None = None) -> Initialiser:
    """The initialiser that `spec` names: a name of `SUMMARIES`, then optionally "@gain=2" and "@mode=fan_out".

    `scale` replaces the gain of `spec`, which is 1 by default, 0.01 for nnfs. Raises ValueError naming the wrong part.
    """
    name, _, options = spec.partition("@")
    if re.fullmatch(r"constant\W+(value\W+)?[-+.\d].*", spec.strip().lower()):
        raise ValueError(f"initialiser {spec!r}: the constant is --scale, as in --init constant --scale 0.5")
    name = name.strip().lower().replace("-", "_")
    name = _ALIASES.get(name, name)
    if name not in SUMMARIES:
        hint = did_you_mean(name, [*SUMMARIES, *_ALIASES], 1) or f"; there are {', '.join(SUMMARIES)}"
        raise ValueError(f"unknown initialiser {spec!r}{hint}")
    gain, mode = (0.01 if name == "nnfs" else 1.0), None
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        if key == "gain" or (key in ("std", "stddev") and name in ("normal", "nnfs")):
            try:
                gain = float(value)
            except ValueError:
                raise ValueError(f"initialiser {spec!r}: {key} is a number, not {value!r}") from None
        elif key == "mode" and name in _SCALED:
            if value not in _MODES:
                raise ValueError(f"initialiser {spec!r}: mode is one of {', '.join(_MODES)}, not {value!r}")
            mode = value
        else:
            takes = "gain and mode" if name in _SCALED else "gain"
            raise ValueError(f"initialiser {spec!r}: {name} takes {takes}, as {name}@gain=0.5, not {key!r}")
    gain = gain if scale is None else scale
    if not math.isfinite(gain):
        raise ValueError(f"the scale of initialiser {spec!r} must be finite, not {gain}")
    return Initialiser(name, gain, mode)
