"""The network: the book's chapters bit for bit, PyTorch's values and gradients, error messages for shapes."""

import math

import numpy as np
import pytest

from actcli import datasets
from actcli.activations.spec import split_specs
from actcli.network.model import Network, plan
from tests.network.reference import torch_networks as reference

RESULTS = np.load(reference.FILE, allow_pickle=False)

CHAPTER_3 = """
    0 0 0
    -1.0475188e-04 1.1395361e-04 -4.7983500e-05
    -2.7414842e-04 3.1729150e-04 -8.6921798e-05
    -4.2188365e-04 5.2666257e-04 -5.5912682e-05
    -5.7707680e-04 7.1401405e-04 -8.9430439e-05
"""
CHAPTER_4 = """
    0.33333334 0.33333334 0.33333334
    0.33333316 0.3333332 0.33333364
    0.33333287 0.3333329 0.33333418
    0.3333326 0.33333263 0.33333477
    0.33333233 0.3333324 0.33333528
"""


def floats(text):
    return np.array([line.split() for line in text.split("\n") if line.strip()], np.float32)


def book(layers, activations=None):
    data = datasets.make("spiral", 100, 3, seed=0)
    return Network(layers, activations, generator=data.generator), data


def test_chapter_3_bit_for_bit():
    network, data = book("2,3", "identity")
    assert np.array_equal(network(data.features)[:5], floats(CHAPTER_3))


def test_chapter_4_to_the_last_unit():
    network, data = book("2,3,3")
    output = network(data.features)
    assert output.dtype == np.float32
    # The exp of the book was float32, for which processors differ by up to two ulp.
    assert np.abs(output[:5].view(np.int32) - floats(CHAPTER_4).view(np.int32)).max() <= 2


def test_chapter_4_is_the_books_code_run_here():
    network, data = book("2,3,3")
    generator = np.random.RandomState(0)
    for _ in range(3):
        generator.randn(100)
    w1, w2 = (0.01 * generator.randn(*shape).astype(np.float32) for shape in ((2, 3), (3, 3)))
    assert np.array_equal(network.stages[0].weights, w1)
    assert np.array_equal(network.stages[1].weights, w2)

    def dot(a, b):
        return np.dot(a.astype(np.float64), b.astype(np.float64)).astype(np.float32)

    hidden = np.maximum(0, dot(data.features, w1) + np.zeros((1, 3), np.float32))
    logits = dot(hidden, w2) + np.zeros((1, 3), np.float32)
    (_, after_1), (before_2, _) = network.trace(data.features)
    assert np.array_equal(after_1, hidden)
    assert np.array_equal(before_2, logits)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("spec", [*reference.CASES, "image"])
def test_torch_gives_the_same(spec, dtype):
    if spec == "image":
        batch, weights, biases, gradient = reference.draw_image(dtype)
        layers, activations = "6x5x2,conv3x3:3,pool2,conv2x2:4:valid,flatten,5", "tanh"
    else:
        batch, weights, biases, gradient = reference.draw(list(reference.CASES).index(spec), dtype)
        layers, activations = reference.SIZES, spec
    pairs = list(zip(weights, biases, strict=True))
    network = Network.of_parameters(pairs, activations, layers=layers, dtype=dtype)
    back = network.backward(batch, gradient)
    parts = [network(batch), back.inputs]
    for stage, w, b in zip(network.stages, back.weights, back.biases, strict=True):
        if stage.layer.weight_shape:
            parts += [w, b]
    assert {part.dtype for part in parts} == {np.dtype(dtype)}
    ours = np.concatenate([part.reshape(-1) for part in parts]).astype(np.float64)
    theirs = RESULTS[f"{dtype}/{spec}"].astype(np.float64)
    # Relative to the largest number of the pass, because cancellation loses digits. PyTorch in float32 may be
    # further than that from itself in float64.
    bar = {"float32": 1e-6, "float64": 1e-12}[dtype] * np.abs(theirs).max()
    own = np.abs(theirs - RESULTS[f"float64/{spec}"]).max()
    assert np.abs(ours - theirs).max() <= max(bar, own)


def test_gradient_of_the_cross_entropy_before_a_softmax():
    network = Network("4,6,3", "tanh,softmax", scale=1.0, dtype="float64")
    batch = np.random.RandomState(1).randn(5, 4)
    labels = np.array([0, 2, 1, 1, 0])
    p = network(batch)
    expected = p.copy()
    expected[np.arange(5), labels] -= 1
    direct = np.zeros_like(p)
    direct[np.arange(5), labels] = -1 / p[np.arange(5), labels]
    one = network.backward(batch, direct)
    two = network.backward(batch, expected, before_last=True)
    assert np.abs(one.before[-1] - expected).max() < 1e-15
    for a, b in zip(one.weights, two.weights, strict=True):
        assert np.abs(a - b).max() < 1e-14


@pytest.mark.parametrize("rows", [1, 7, 100, 300])
def test_batches_do_not_change_a_digit(rows):
    network, data = book("2,64,64,3")
    whole = network(data.features)
    parts = [network(data.features[start : start + rows]) for start in range(0, 300, rows)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_float32_products_are_summed_in_float64():
    row = np.array([[1e8, 1, -1e8]], np.float32)
    network = Network.of_parameters([(np.ones((3, 1)), [0.0])], "identity")
    assert network(row).tolist() == [[1.0]]


def test_maxout_and_glu_change_the_width():
    network = Network("2,6,4,3", "maxout@k=2,glu,identity")
    assert [stage.layer.weight_shape for stage in network.stages] == [(2, 6), (3, 4), (2, 3)]
    assert network(np.ones((5, 2))).shape == (5, 3)
    assert network.backward(np.ones((5, 2)), np.ones((5, 3))).inputs.shape == (5, 2)


def test_edge_kernel_over_an_image():
    image = np.zeros((10, 10))
    image[3:7, 3:7] = 1.0
    kernel = -np.ones((3, 3))
    kernel[1, 1] = 8
    network = Network.of_parameters([(kernel, [0.0])], "relu", layers="10x10,conv3x3:1", dtype="float64")
    padded = np.pad(image, 1)
    expected = np.array(
        [[max(0.0, (padded[i : i + 3, j : j + 3] * kernel).sum()) for j in range(10)] for i in range(10)]
    )
    assert np.array_equal(network(image.reshape(1, 10, 10, 1))[0, :, :, 0], expected)
    assert network(image.reshape(1, 100)).shape == (1, 10, 10, 1)


def test_pool_leaves_out_what_fills_no_block():
    network = plan("5x4,pool2,flatten")
    batch = np.arange(20.0).reshape(1, 20)
    assert network(batch).tolist() == [[5.0, 7.0, 13.0, 15.0]]


def test_lists_build_the_same_network():
    one, two = Network("2,3,3"), Network([2, 3, 3], ["relu", "softmax"])
    assert one.text == two.text == "2,3,3"
    assert all(np.array_equal(a.weights, b.weights) for a, b in zip(one.stages, two.stages, strict=True))


def test_biases_are_what_is_asked_for():
    network = Network("2,3,2", "linear", init="zeros", bias=0.25)
    assert network([[5.0, 7.0]]).tolist() == [[0.25, 0.25]]


def test_text_says_every_layer():
    text = "28x28x1,conv3x3:8,pool2,conv5x3:4:valid,flatten,10"
    assert plan(text).text == text
    assert plan("28x28,conv3:8,maxpool2x2,flatten,10").text == "28x28x1,conv3x3:8,pool2,flatten,10"


def test_exploding_values_are_infinite_and_say_nothing():
    network = Network("4,4,4", "identity", init="ones", scale=1e30)
    assert network(np.ones((1, 4))).tolist() == [[math.inf] * 4]


#: The end of the message about an unknown layer.
KINDS = "a layer is a number of units (64), conv3x3:32, pool2, flatten, dropout0.1, embedding10000:16, lstm64 or mean"


@pytest.mark.parametrize(
    ("layers", "activations", "message"),
    [
        (
            "2,x,3",
            None,
            "layer 1 is 'x'; " + KINDS,
        ),
        ("2", None, "layers '2': a network is an input and at least one layer, such as 2,3"),
        (
            "2,,3",
            None,
            "layer 1 is ''; " + KINDS,
        ),
        (
            "2,0",
            None,
            "layer 1 is '0'; " + KINDS,
        ),
        ("0,2", None, "the input '0' of a network is a number of features (784) or an image (28x28x1)"),
        ("4,conv3x3:2", None, "layer 1 ('conv3x3:2') needs an image, HxWxC, but the input is 4 numbers"),
        ("8x8,pool2,3", None, "layer 2 ('3') is dense, but layer 1 gives 4x4x1; put flatten before it"),
        ("8x8,pool9", None, "layer 1 ('pool9') does not fit: the input is 8x8x1"),
        ("8x8,pool2x3", None, "layer 1 ('pool2x3'): a pool is square and starts at 1, such as pool2"),
        ("8x8,conv0:3", None, "layer 1 ('conv0:3') has a size of 0; sizes start at 1"),
        ("2,3,3", "relu,relu,softmax", "there are 3 activations for 2 layers; give one, or one per layer"),
    ],
)
def test_a_request_that_makes_no_sense(layers, activations, message):
    with pytest.raises(ValueError) as caught:
        Network(layers, activations)
    assert str(caught.value) == message


def test_a_width_that_an_activation_cannot_take_names_the_layer():
    with pytest.raises(ValueError, match=r"^layer 1: "):
        Network("2,3", "glu")


@pytest.mark.parametrize(
    ("shapes", "layers", "message"),
    [
        ([(2, 3), (4, 3)], None, "layer 2 expects 4 inputs, layer 1 gives 3"),
        ([(4, 3)], "2,3", "layer 1 expects 4 inputs, the network's input has 2"),
        ([(2, 5)], "2,3", "layer 1 has 3 units, its weights are for 5"),
        (
            [(3, 4)],
            "4,3",
            "layer 1 expects 3 inputs, the network's input has 4; has the file one row per neuron (--transposed)?",
        ),
        ([(2, 3)], "2,3,3", "there are weights for 1 layers, but the network has 2 that take any"),
        ([(2, 2)], "8x8,conv3x3:1", "layer 1 expects weights 3x3x1x1, the given ones are 2x2"),
        ([], None, "there are no layers"),
    ],
)
def test_weights_that_do_not_fit(shapes, layers, message):
    with pytest.raises(ValueError) as caught:
        Network.of_parameters([(np.ones(s), np.zeros(s[-1])) for s in shapes], "relu", layers=layers)
    assert str(caught.value) == message


def test_biases_that_do_not_fit():
    with pytest.raises(ValueError, match=r"^layer 1 has 3 units, but 2 biases$"):
        Network.of_parameters([(np.ones((4, 3)), np.ones(2))])
    hint = r"^layer 1 has 3 units, but 2 biases; are the weights one row per neuron \(--transposed\)\?$"
    with pytest.raises(ValueError, match=hint):
        Network.of_parameters([(np.ones((2, 3)), np.ones(2))])


@pytest.mark.parametrize("layers", ["2,3,1", "4x4,conv2x2:3,flatten,1", "6,embedding5:2,lstm3,1"])
def test_without_biases_is_as_with_biases_of_zero(layers):
    drawn = Network(layers, init="he", dtype="float64")
    pairs = [(stage.weights, stage.biases) for stage in drawn.stages if stage.layer.weight_shape]
    bare = Network.of_parameters([(weights, None) for weights, _ in pairs], layers=layers, dtype="float64")
    batch = np.random.RandomState(1).randint(0, 5, (7, *drawn.input_shape)).astype(float)
    assert np.array_equal(bare(batch), drawn(batch))
    assert sum(stage.parameters for stage in bare.stages) == sum(weights.size for weights, _ in pairs)
    gradient = np.ones((7, 1))
    back, expected = bare.backward(batch, gradient), drawn.backward(batch, gradient)
    assert all(np.array_equal(one, two) for one, two in zip(back.weights, expected.weights, strict=True))
    assert [biases.size for biases in back.biases] == [0] * len(bare.stages)


def test_a_batch_that_does_not_fit():
    with pytest.raises(ValueError, match=r"^layer 1 expects 2 inputs a row, the data has 3$"):
        Network("2,3")(np.ones((4, 3)))


def test_a_size_beyond_memory_is_refused_with_the_sum():
    with pytest.raises(ValueError) as caught:
        Network("2,1000000000000")
    assert str(caught.value).startswith(
        "needs 52 TB of memory (a batch of 1 rows through all layers 24 TB + drawing the weights 16 TB + "
        "layer 1's 2x1000000000000 weights 8 TB + layer 1's biases 4 TB), but this machine has "
    )


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("relu", ["relu"]),
        ("relu,tanh", ["relu", "tanh"]),
        ("elu@alpha=1,tanh", ["elu@alpha=1", "tanh"]),
        ("hard_sigmoid@slope=0.2,offset=0.5,relu", ["hard_sigmoid@slope=0.2,offset=0.5", "relu"]),
        ("where(x>0,x,0),where(x==1,2,x)@b=1,c=2", ["where(x>0,x,0)", "where(x==1,2,x)@b=1,c=2"]),
    ],
)
def test_split_specs(text, specs):
    assert split_specs(text) == specs
