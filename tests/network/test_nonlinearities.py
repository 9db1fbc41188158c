"""Activations in training: close to correctly rounded values and slopes."""

import numpy as np
import pytest

from actcli.activations import get
from actcli.activations.definition import definitions
from actcli.network.nonlinearities import nonlinearity

X = np.concatenate([np.random.RandomState(0).randn(200) * 4, [0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 20.0, -20.0]])
#: Functions whose slope is random.
ELEMENTWISE = [name for name, definition in definitions.items() if not definition.is_row and name != "rrelu"]
ROWS = ["softmax", "log_softmax", "softmin", "sparsemax", "glu", "swiglu", "maxout", "crelu"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [*ELEMENTWISE, "jax.leaky_relu", "leaky_relu@negative_slope=-0.5", "x*exp(-x**2)"])
def test_values_and_slopes_of_elements(name: str, dtype: str) -> None:
    activation = get(name)
    x = X.astype(dtype)
    made = nonlinearity(activation)
    with np.errstate(all="ignore"):
        value = made.forward(x.copy())
        slope = made.slope()
        back = made.backward(np.full_like(x, 2.0))
    assert value.dtype == back.dtype == x.dtype
    # A few ulp of the terms of a formula, of which x is the largest.
    allowed = 20 * np.finfo(dtype).eps * np.maximum(1, np.abs(x))
    for found, expected in ((value, activation(x)), (slope, activation.slope(x)), (back / 2, activation.slope(x))):
        with np.errstate(all="ignore"):
            near = np.abs(found - expected) <= allowed + 20 * np.finfo(dtype).eps * np.abs(expected)
        assert (near | (found == expected)).all()  # an infinity equals itself


@pytest.mark.parametrize("width", [4, 12])
@pytest.mark.parametrize("name", ROWS)
def test_values_and_gradients_of_rows(name: str, width: int) -> None:
    activation = get(name)
    x = np.random.RandomState(1).randn(6, width) * 2
    made = nonlinearity(activation)
    np.testing.assert_allclose(made.forward(x.copy()), activation(x), rtol=1e-14, atol=1e-15)
    sent = np.random.RandomState(2).randn(*activation(x).shape)
    expected = np.einsum("km,kmn->kn", sent, activation.jacobian(x))
    np.testing.assert_allclose(made.backward(sent.copy()), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "softmax"])
def test_the_books_functions_are_computed_by_its_operations(name: str) -> None:
    x = (np.random.RandomState(3).randn(50, 3) * 3).astype("float32")
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    expected = {
        "relu": np.maximum(0, x),
        "sigmoid": 1 / (1 + np.exp(-x)),
        "softmax": powers / powers.sum(axis=1, keepdims=True),
    }[name]
    np.testing.assert_array_equal(nonlinearity(get(name)).forward(x.copy()), expected)
