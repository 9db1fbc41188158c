"""Training: gradients against PyTorch and against differences of the loss, optimisers, course and end of a run."""

import math

import numpy as np
import pytest

from actcli.activations import get
from actcli.network.losses import LOSSES, Penalty, loss
from actcli.network.model import Network, plan
from actcli.network.optimisers import OPTIMISERS, Sgd, optimiser, parameters
from actcli.network.training import Examples, Outcome, Settings, train
from tests.network.reference import torch_training

TORCH = np.load(torch_training.FILE)


def trained(
    network: Network,
    features: np.ndarray,
    targets: np.ndarray,
    *,
    loss_name: str | None = None,
    optimizer: str = "sgd",
    epochs: int = 1,
    seed: int = 0,
    validation: Examples | None = None,
    clipped: bool = False,
    **options,
) -> Outcome:
    labelled = targets.ndim == 1
    chosen = loss(loss_name, network.stages[-1].activation, network.output_shape[0], labelled=labelled, clipped=clipped)
    settings = Settings(chosen, optimiser(optimizer), epochs, **options)
    generator = np.random.RandomState(seed)
    return train(network, Examples(features, targets), settings, generator, validation=validation)


def flat(network: Network) -> np.ndarray:
    return np.concatenate([array.reshape(-1) for stage in network.stages for array in (stage.weights, stage.biases)])


def holding(network: Network, vector: np.ndarray) -> Network:
    """The network with the elements of a vector as its parameters."""
    pairs, start = [], 0
    for stage in network.stages:
        pair = []
        for array in (stage.weights, stage.biases):
            pair.append(vector[start : start + array.size].reshape(array.shape))
            start += array.size
        if stage.layer.weight_shape:
            pairs.append(tuple(pair))
    return network.holding(pairs, dtype="float64")


# --- gradients ---


@pytest.mark.parametrize("name", torch_training.LOSSES)
def test_losses_and_their_gradients_are_those_of_pytorch(name):
    layers, activations, loss_name, _, _ = torch_training.LOSSES[name]
    features, targets, arrays = torch_training.draw(name)
    pairs = list(zip(arrays[::2], arrays[1::2], strict=True))
    network = plan(layers, activations).holding(pairs, dtype="float64")
    # One step with rate 1 gives the gradient.
    after = trained(network, features, targets, loss_name=loss_name)
    gradient = flat(network) - flat(after.network)
    expected = TORCH[f"loss {name}"]
    assert after.history.loss == [pytest.approx(expected[0], abs=1e-12)]
    np.testing.assert_allclose(gradient, expected[1:], atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("name", torch_training.OPTIMIZERS)
def test_optimisers_are_those_of_pytorch(name):
    features, targets, arrays = torch_training.draw("cross_entropy")
    network = plan("4,5,3", "tanh,softmax").holding(list(zip(arrays[::2], arrays[1::2], strict=True)), dtype="float64")
    spec, _, _ = torch_training.OPTIMIZERS[name]
    after = trained(network, features, targets, optimizer=spec, epochs=torch_training.STEPS)
    np.testing.assert_allclose(flat(after.network), TORCH[f"optimizer {name}"], atol=1e-10, rtol=1e-10)


#: Rectifiers, smooth functions, sigmoids, oscillating functions, row functions and formulas of the user.
ACTIVATIONS = [
    "relu", "leaky_relu", "leaky_relu@negative_slope=-0.2", "prelu", "elu", "elu@alpha=0.3",
    "selu", "celu", "relu6", "hard_swish", "squared_relu", "hard_tanh",
    "softplus", "silu", "gelu", "gelu_tanh", "mish", "swish@beta=1.5",
    "logish", "tanhexp", "sigmoid", "tanh", "softsign", "hard_sigmoid",
    "arctan", "erf", "gaussian", "sine", "gcu", "snake",
    "glu", "swiglu", "maxout", "crelu", "softmax", "keras.hard_sigmoid",
    "x*sigmoid(1.702*x)",
]  # fmt: skip


@pytest.mark.parametrize(
    ("layers", "spec"), [("3,dropout0.3,4,dropout0.4,2", "tanh"), *(("3,4,2", spec) for spec in ACTIVATIONS)]
)
def test_gradients_are_differences_of_the_loss(layers, spec):
    # Each run draws the same masks.
    network = Network(layers, [spec, "softmax"], init="normal", dtype="float64", bias=0.1)
    generator = np.random.RandomState(3)
    features, targets = generator.randn(6, 3), np.array([0, 1, 1, 0, 1, 0])
    gradient = flat(network) - flat(trained(network, features, targets).network)
    vector, h = flat(network), 1e-5
    for place in range(len(vector)):
        moved = np.zeros_like(vector)
        moved[place] = h
        above, below = (
            trained(holding(network, vector + sign * moved), features, targets).history.loss[0] for sign in (1, -1)
        )
        assert gradient[place] == pytest.approx((above - below) / (2 * h), abs=1e-7)


@pytest.mark.parametrize("clipped", [False, True])
@pytest.mark.parametrize(
    ("name", "last", "outputs", "labelled"),
    [
        ("cross_entropy", "softmax", 3, True),
        ("cross_entropy", "log_softmax", 3, True),
        ("cross_entropy", "sparsemax", 3, True),
        ("binary_cross_entropy", "sigmoid", 3, True),
        ("binary_cross_entropy", "sigmoid", 1, True),
        ("binary_cross_entropy", "identity", 1, True),
        ("mse", "tanh", 1, False),
        ("mae", "identity", 2, False),
    ],
)
def test_every_loss_with_and_without_the_clip(name, last, outputs, labelled, clipped):
    network = Network(f"2,{outputs}", last, init="normal", scale=0.2, dtype="float64", seed=1)
    generator = np.random.RandomState(5)
    features = generator.randn(4, 2)
    targets = np.array([0, 1, 1, 0]) if labelled else generator.randn(4, outputs)
    options = {"loss_name": name, "clipped": clipped}
    gradient = flat(network) - flat(trained(network, features, targets, **options).network)
    vector, h = flat(network), 1e-6
    for place in range(len(vector)):
        moved = np.zeros_like(vector)
        moved[place] = h
        above, below = (
            trained(holding(network, vector + sign * moved), features, targets, **options).history.loss[0]
            for sign in (1, -1)
        )
        assert gradient[place] == pytest.approx((above - below) / (2 * h), abs=1e-7)


def test_penalties_are_those_of_weights_and_biases():
    network = Network("2,3,2", init="normal", bias=-0.5, dtype="float64")
    features, targets = np.zeros((2, 2)), np.array([0, 1])
    plain = trained(network, features, targets)
    bent = trained(network, features, targets, penalty=Penalty((0.1, 0.0), (0.0, 0.2)))
    first, last = network.stages
    added = 0.1 * (np.abs(first.weights).sum() + np.abs(first.biases).sum())
    added += 0.2 * (np.square(last.weights).sum() + np.square(last.biases).sum())
    assert bent.history.loss[0] - plain.history.loss[0] == pytest.approx(added, rel=1e-12)
    assert bent.history.data_loss == plain.history.data_loss
    expected = [0.1 * np.sign(array) for array in (first.weights, first.biases)]
    expected += [0.4 * array for array in (last.weights, last.biases)]
    difference = flat(plain.network) - flat(bent.network)
    np.testing.assert_allclose(difference, np.concatenate([a.reshape(-1) for a in expected]), atol=1e-12)


def test_a_long_gradient_is_cut_to_the_norm():
    network = Network("2,3", init="normal", dtype="float64")
    features = np.array([[30.0, -40.0]])
    targets = network(features).argmin(axis=1)
    whole = flat(network) - flat(trained(network, features, targets).network)
    cut = flat(network) - flat(trained(network, features, targets, clip_norm=0.5).network)
    np.testing.assert_allclose(np.linalg.norm(cut), 0.5, rtol=1e-12)
    np.testing.assert_allclose(cut, whole * (0.5 / np.linalg.norm(whole)), atol=1e-12)


# --- course and end of a run ---

SPOTS = np.random.RandomState(0).randn(40, 2) + np.repeat([[3.0, 0], [-3, 0]], 20, axis=0)
CLASSES = np.repeat([0, 1], 20)


def spots(**options) -> Outcome:
    network = Network("2,8,2", init="he", seed=1, dtype=options.pop("dtype", "float64"))
    return trained(network, SPOTS, CLASSES, **options)


def test_batches_cover_all_rows_and_full_batches_are_one_step():
    assert flat(spots(epochs=3, batch_size=40).network).tolist() == flat(spots(epochs=3).network).tolist()
    one = spots(epochs=2, batch_size=16)
    assert len(one.history) == 2
    assert one.history.rate == [1.0, 1.0]
    # With three steps per epoch, because the decay counts steps.
    decaying = spots(epochs=2, batch_size=16, optimizer="sgd@decay=1")
    assert decaying.history.rate == [1 / 3, 1 / 6]


def test_shuffled_runs_follow_the_seed():
    runs = [spots(epochs=3, batch_size=8, shuffle=True, seed=seed) for seed in (0, 0, 1)]
    vectors = [flat(run.network).tolist() for run in runs]
    assert vectors[0] == vectors[1] != vectors[2]
    assert vectors[0] != flat(spots(epochs=3, batch_size=8).network).tolist()


def test_it_learns_what_can_be_learned():
    for dtype in ("float32", "float64"):
        after = spots(epochs=100, optimizer="adam@rate=0.05", dtype=dtype)
        assert after.history.accuracy[-1] == 1.0
        assert after.history.loss[-1] < 0.01
        assert after.diverged_at is None
        assert after.health is not None and 0 <= after.health.saturated <= 1


def test_it_stops_where_it_was_asked_to():
    after = spots(epochs=1000, optimizer="adam@rate=0.05", until=("loss", 0.05))
    assert after.history.loss[-1] <= 0.05 < after.history.loss[-2]
    held = Examples(SPOTS[::2], CLASSES[::2])
    after = spots(epochs=1000, optimizer="adam@rate=0.01", until=("validation_accuracy", 1.0), validation=held)
    assert after.history.validation_accuracy[-1] == 1.0 > max(after.history.validation_accuracy[:-1])


def test_patience_runs_out():
    wrong = Examples(SPOTS, 1 - CLASSES)  # training makes the loss on these samples worse
    after = spots(epochs=500, optimizer="adam@rate=0.05", validation=wrong, patience=5)
    best = int(np.argmin(after.history.validation_loss))
    assert len(after.history) == best + 1 + 5


def test_validation_is_measured_now_and_then_and_at_the_end():
    held = Examples(SPOTS, CLASSES)
    after = spots(epochs=8, validation=held, every=3)
    measured = [epoch for epoch, value in enumerate(after.history.validation_loss) if not math.isnan(value)]
    assert measured == [0, 3, 6, 7]


def test_a_run_that_diverges_says_where():
    after = spots(epochs=50, optimizer="sgd@rate=1e200")
    assert after.diverged_at is not None
    assert len(after.history) == after.diverged_at + 1
    assert not math.isfinite(after.history.loss[-1])
    assert after.health is None


def test_a_run_can_be_stopped_between_steps():
    seen = []

    def stopped() -> bool:
        seen.append(None)
        return len(seen) > 7

    network = Network("2,8,2", init="he", seed=1, dtype="float64")
    settings = Settings(loss(None, network.stages[-1].activation, 2, labelled=True), Sgd(), 100, batch_size=16)
    after = train(network, Examples(SPOTS, CLASSES), settings, np.random.RandomState(0), stopped=stopped)
    assert after.interrupted
    assert len(after.history) == 2  # seven steps are two epochs of three and one step
    assert flat(after.network).tolist() != flat(spots(epochs=2, batch_size=16).network).tolist()


def test_health_is_what_forward_says():
    from actcli.network.passes import run
    from actcli.network.score import Score
    from actcli.network.statistics import Survey

    after = spots(epochs=20, optimizer="adam@rate=0.05")
    survey, score = Survey(after.network), Score(after.network, labelled=True)
    list(run(after.network, [(SPOTS, CLASSES)], survey=survey, score=score, gradient_seed=0))
    first, last = survey.layers()
    assert after.health.dead == first.dead
    assert after.health.saturated == pytest.approx(first.saturated, rel=1e-12)
    assert after.health.gradient_first == pytest.approx(first.gradient.std, rel=1e-12)
    assert after.health.gradient_last == pytest.approx(last.gradient.std, rel=1e-12)


def test_dropout_drops_in_training_alone():
    network = Network("2,50,dropout0.5,2", init="he", dtype="float64")
    one, two = (trained(network, SPOTS, CLASSES, seed=seed).history.loss[0] for seed in (0, 1))
    assert one != two
    np.testing.assert_array_equal(network(SPOTS), replaced_by_nothing(network)(SPOTS))


def replaced_by_nothing(network: Network) -> Network:
    return Network.of_stages(network.input_shape, [network.stages[0], network.stages[2]])


def test_a_curve_is_judged_by_its_error_and_r2():
    x = np.linspace(-1, 1, 50).reshape(-1, 1)
    network = Network("1,1", "identity", init="zeros", dtype="float64")
    after = trained(network, x, 3 * x + 1, optimizer="sgd@rate=0.3", epochs=500)
    assert after.health.r2 == pytest.approx(1, abs=1e-12)
    assert after.health.mean_absolute_error == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(flat(after.network), [3, 1], atol=1e-12)


# --- names ---


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("adma", "unknown optimizer 'adma'; did you mean adam?"),
        ("lbfgs", "unknown optimizer 'lbfgs'; there are sgd, adagrad, rmsprop, adam, adamw"),
        ("sgd@rate=0", "optimizer 'sgd@rate=0': rate must be above 0, not 0"),
        ("sgd@rate=-1", "optimizer 'sgd@rate=-1': rate must be above 0, not -1"),
        ("sgd@rate=nan", "optimizer 'sgd@rate=nan': rate must be above 0, not nan"),
        ("sgd@rate=fast", "optimizer 'sgd@rate=fast': rate is a number, not 'fast'"),
        ("adam@beta_1=1", "optimizer 'adam@beta_1=1': beta_1 must be from 0 to below 1, not 1"),
        (
            "sgd@nesterov=1",
            "optimizer 'sgd@nesterov=1': sgd has no 'nesterov'; it takes rate, decay, momentum",
        ),
    ],
)
def test_optimisers_that_make_no_sense(spec, message):
    with pytest.raises(ValueError) as caught:
        optimiser(spec)
    assert str(caught.value) == message


def test_the_defaults_are_the_books():
    assert {name: parameters(kind) for name, kind in OPTIMISERS.items()} == {
        "sgd": {"rate": 1.0, "decay": 0.0, "momentum": 0.0},
        "adagrad": {"rate": 1.0, "decay": 0.0, "epsilon": 1e-7},
        "rmsprop": {"rate": 0.001, "decay": 0.0, "epsilon": 1e-7, "rho": 0.9},
        "adam": {"rate": 0.001, "decay": 0.0, "epsilon": 1e-7, "beta_1": 0.9, "beta_2": 0.999},
        "adamw": {
            "rate": 0.001,
            "decay": 0.0,
            "epsilon": 1e-7,
            "beta_1": 0.9,
            "beta_2": 0.999,
            "weight_decay": 0.01,
        },
    }


@pytest.mark.parametrize(
    ("last", "outputs", "labelled", "expected"),
    [
        ("softmax", 3, True, "cross_entropy"),
        ("log_softmax", 3, True, "cross_entropy"),
        ("sigmoid", 1, True, "binary_cross_entropy"),
        ("sigmoid", 3, True, "binary_cross_entropy"),
        ("identity", 1, False, "mse"),
        ("identity", 3, True, "mse"),
        ("tanh", 1, False, "mse"),
    ],
)
def test_the_loss_goes_with_the_last_activation(last, outputs, labelled, expected):
    assert type(loss(None, get(last), outputs, labelled=labelled)) is LOSSES[expected]


@pytest.mark.parametrize(
    ("name", "last", "outputs", "labelled", "message"),
    [
        (
            None,
            "tanh",
            3,
            True,
            "no loss goes by itself with tanh at the end and 3 outputs; end the network with softmax, or name one: "
            "--loss cross_entropy binary_cross_entropy mse mae",
        ),
        ("mss", "tanh", 3, True, "unknown loss 'mss'; did you mean mse?"),
        ("cross_entropy", "identity", 1, False, "cross_entropy needs class labels"),
        (
            "cross_entropy",
            "sigmoid",
            1,
            True,
            "cross_entropy needs an output a class; of a single one take binary_cross_entropy",
        ),
        (
            "binary_cross_entropy",
            "sigmoid",
            1,
            False,
            "binary_cross_entropy needs class labels; for a curve take mse or mae",
        ),
    ],
)
def test_losses_that_make_no_sense(name, last, outputs, labelled, message):
    with pytest.raises(ValueError) as caught:
        loss(name, get(last), outputs, labelled=labelled)
    assert str(caught.value) == message
