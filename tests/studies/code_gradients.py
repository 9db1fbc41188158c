"""Checks of first and second derivatives of the code from `code` by the frameworks' own functions; run by hand:

python -m tests.studies.code_gradients FOLDER [NAME...]     writes the code of 36 functions, or of those named
VENV/bin/python tests/studies/code_gradients.py torch FOLDER    gradcheck, gradgradcheck, torch.func, torch.compile
VENV/bin/python tests/studies/code_gradients.py jax FOLDER      check_grads of order 2, forwards and backwards
VENV/bin/python tests/studies/code_gradients.py tensorflow FOLDER   compute_gradient of the value and of the slope
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

FRAMEWORKS = ("torch", "jax", "tensorflow")
NAMES = """
    relu leaky_relu elu celu selu softplus squareplus swish gelu gelu_tanh mish serf logish smish tanhexp gish xielu
    hard_swish tanh sigmoid arctan softsign gaussian ricker erf snake sinc sine gaussian_cdf soft_exponential
    softmax log_softmax quiet_softmax glu swiglu geglu
"""
#: Away from kinks, a row of six.
POINTS = [-3.1, -1.3, -0.4, 0.3, 0.9, 2.7]


def written(folder: Path, names: list[str]) -> None:
    """Write the code."""
    from actcli.activations import get
    from actcli.studies.code import write

    for name in names:
        for framework in FRAMEWORKS:
            (folder / f"{name}.{framework}.py").write_text(str(write(get(name), framework, name="f")))


def checked(framework: str, function: Any) -> None:
    """Raise an error if a gradient is wrong."""
    if framework == "torch":
        import torch

        x = torch.tensor([POINTS, POINTS[::-1]], dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(function, (x,))
        assert torch.autograd.gradgradcheck(function, (x,))
        assert_transforms_agree(function, x)
    elif framework == "jax":
        import jax
        from jax.test_util import check_grads

        jax.config.update("jax_enable_x64", True)
        x = jax.numpy.asarray([POINTS, POINTS[::-1]])
        try:
            check_grads(function, (x,), order=2, modes=["fwd", "rev"])
        except TypeError:  # a custom_vjp has no forward mode
            check_grads(function, (x,), order=2, modes=["rev"])
    else:
        import numpy as np
        import tensorflow as tf

        def slope(x: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(function(x) ** 2)
            return tape.gradient(total, x)

        for called in (function, slope):
            exact, numeric = tf.test.compute_gradient(called, [tf.constant([POINTS], tf.float64)], delta=1e-5)
            assert np.allclose(exact, numeric, rtol=1e-6, atol=1e-6)


def assert_transforms_agree(function: Any, x: Any) -> None:
    """Raise an error if first or second derivatives of torch.func or torch.compile differ from autograd."""
    import torch

    def total(row: Any) -> Any:
        return (function(row) ** 2).sum()

    (slopes,) = torch.autograd.grad(total(x), x, create_graph=True)
    (second,) = torch.autograd.grad((slopes**2).sum(), x)
    slope = torch.func.grad(total)
    compiled = torch.compile(function, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(torch.func.vmap(function)(x), function(x))
    torch.testing.assert_close(torch.func.vmap(slope)(x), slopes)
    torch.testing.assert_close(torch.func.jacrev(total)(x), slopes)
    torch.testing.assert_close(torch.func.vmap(torch.func.grad(lambda row: (slope(row) ** 2).sum()))(x), second)
    torch.testing.assert_close(torch.autograd.grad((compiled(x) ** 2).sum(), x), (slopes,))


def main() -> None:
    first, *rest = sys.argv[1:]
    if first not in FRAMEWORKS:
        written(Path(first), rest or NAMES.split())
        return
    failed = 0
    files = sorted(Path(rest[0]).glob(f"*.{first}.py"))
    for file in files:
        try:
            checked(first, runpy.run_path(str(file))["f"])
        except (AssertionError, RuntimeError, TypeError, ValueError) as error:
            failed += 1
            print(file.name, type(error).__name__, str(error)[:300])
    print(f"{first}: {len(files) - failed} passed, {failed} failed")


if __name__ == "__main__":
    main()
