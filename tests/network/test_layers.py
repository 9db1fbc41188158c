"""Kinds of layers: gradients against central differences, shapes, and numbers of parameters."""

import numpy as np
import pytest

from actcli.network.layers import Pass, sum_of_rows
from actcli.network.model import Network, plan

#: Layers, their activations, and the inputs of a batch: from N(0, 1), or integers below a number.
NETWORKS = [
    ("3,5,2", "tanh,identity", None),
    ("6x5x2,conv3x3:3,conv2x3:2:valid,flatten,3", "tanh,softplus,identity", None),
    ("6x5x2,conv2x2:3,pool2,flatten,2", "tanh,identity", None),
    ("4,6,dropout0.5,2", "sigmoid,identity", None),
    ("5,embedding7:3,lstm4:sequence,lstm3,2", "identity", 7),
    ("4,embedding6:3,lstm3:sequence@gate=hard_sigmoid@slope=0.3,cell=softsign,mean,2", "identity", 6),
    ("5x3,lstm4,2", "identity", None),
    ("5,embedding4:3,mean,2", "tanh", 4),
    ("4,embedding4:2,flatten,3", "gelu", 4),
    ("3,8,6,4", "maxout,glu,identity", None),
]


def batch_for(network: Network, highest: int | None) -> np.ndarray:
    generator = np.random.RandomState(1)
    shape = (4, *network.input_shape)
    return generator.randn(*shape) if highest is None else generator.randint(0, highest, shape).astype(float)


@pytest.mark.parametrize(("layers", "activations", "highest"), NETWORKS)
def test_gradients_are_those_of_central_differences(layers, activations, highest):
    network = Network(layers, activations, init="normal", scale=0.5, bias=0.1, dtype="float64")
    batch = batch_for(network, highest)
    sent = np.random.RandomState(2).randn(*network(batch).shape)
    back = network.backward(batch, sent)
    h = 1e-5

    def total() -> float:
        return float((network(batch) * sent).sum())

    for stage, *found in zip(network.stages, back.weights, back.biases, strict=True):
        stage.__dict__.pop("_wide_weights", None)
        for array, gradient in zip((stage.weights, stage.biases), found, strict=True):
            if not array.size:
                continue
            expected = np.empty_like(array)
            for place in np.ndindex(array.shape):
                kept = array[place]
                array[place] = kept + h
                above = total()
                array[place] = kept - h
                expected[place] = (above - total()) / (2 * h)
                array[place] = kept
            np.testing.assert_allclose(gradient, expected, atol=1e-7, rtol=1e-7)
    if highest is None:
        expected = np.empty_like(batch)
        for place in np.ndindex(batch.shape):
            kept = batch[place]
            batch[place] = kept + h
            above = total()
            batch[place] = kept - h
            expected[place] = (above - total()) / (2 * h)
            batch[place] = kept
        np.testing.assert_allclose(back.inputs, expected, atol=1e-7, rtol=1e-7)


@pytest.mark.parametrize(("layers", "activations", "highest"), NETWORKS)
def test_what_the_forward_pass_left_changes_nothing(layers, activations, highest):
    network = Network(layers, activations, init="he", dtype="float64")
    values = network.batch(batch_for(network, highest))
    for stage in network.stages:
        given = Pass(stage.weights, stage.biases, values, keeps=True)
        after = stage.layer.forward(given)
        gradient = np.random.RandomState(3).randn(*after.shape)
        one = stage.layer.backward(given, gradient)
        two = stage.layer.backward(Pass(stage.weights, stage.biases, values), gradient)
        for mine, other in zip(one, two, strict=True):
            np.testing.assert_array_equal(mine, other)
        values = stage.after(after)


@pytest.mark.parametrize(
    ("layers", "parameters"),
    [
        # The slides' sentiment model and their convolutional classifier.
        ("100,embedding10000:16,lstm64:sequence,lstm64,64,1", 217_985),
        (
            "64x64x3,conv3x3:32:valid,pool2,conv3x3:64:valid,pool2,conv3x3:64:valid,flatten,64,10",
            646_858,
        ),
        ("4,embedding10:3,mean,dropout0.5,2", 10 * 3 + 3 * 2 + 2),
    ],
)
def test_parameters_are_counted_as_keras_counts_them(layers, parameters):
    assert (
        sum(
            int(np.prod(stage.layer.weight_shape)) + int(np.prod(stage.layer.bias_shape))
            for stage in plan(layers).stages
            if stage.layer.weight_shape
        )
        == parameters
    )


@pytest.mark.parametrize(
    "layers",
    [
        "100,embedding50:16,lstm8:sequence,lstm64@gate=hard_sigmoid,cell=softsign,dropout0.25,1",
        "28x28x1,conv3x3:8:valid,pool2,flatten,10",
        "5x3x1,lstm4:sequence,mean,2",
    ],
)
def test_layers_are_written_as_they_are_read(layers):
    assert plan(layers).text == layers


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("8,dropout1,3", "layer 1 ('dropout1') drops everything; its share lies between 0 and 1, such as dropout0.1"),
        (
            "8,lstm4,3",
            "layer 1 ('lstm4') needs a sequence, such as 28x28 or what an embedding gives, but the input is 8 numbers",
        ),
        ("8x8,embedding5:2,3", "layer 1 ('embedding5:2') takes a row of integers, but the input is 8x8x1"),
        ("8x8,lstm0,3", "layer 1 ('lstm0') has a size of 0; sizes start at 1"),
        ("8,embedding0:3,3", "layer 1 ('embedding0:3') has a size of 0; sizes start at 1"),
        (
            "8x8,lstm4@gates=tanh,3",
            "layer 1 ('lstm4@gates=tanh') has no 'gates'; it takes gate and cell, such as @gate=hard_sigmoid,cell=tanh",
        ),
        (
            "8x8,lstm4@gate=tahn,3",
            "layer 1 ('lstm4@gate=tahn'): unknown function 'tahn'; did you mean tanh or atan or tanh_lu?; "
            "'actcli list' shows all",
        ),
        (
            "8x8,lstm4@gate=softmax,3",
            "layer 1 ('lstm4@gate=softmax') takes functions of one number, not softmax, which works on rows",
        ),
        ("8,embedding5:2,3", "layer 2 ('3') is dense, but layer 1 gives 8x2; put flatten before it"),
    ],
)
def test_layers_that_make_no_sense(layers, message):
    with pytest.raises(ValueError) as caught:
        plan(layers)
    assert str(caught.value) == message


def test_an_embedding_takes_integers_of_its_vocabulary():
    network = Network("2,embedding5:3,mean,1", "identity")
    with pytest.raises(ValueError, match=r"^embedding5:3 takes integers from 0 to 4, not 5$"):
        network([[0, 5]])
    with pytest.raises(ValueError, match=r"^embedding5:3 takes integers from 0 to 4, not 0\.5$"):
        network([[0.5, 1]])


def test_the_mean_of_word_vectors_is_the_mean_of_rows():
    network = Network("3,embedding5:4,mean,2", "identity", init="normal", dtype="float64")
    vectors, matrix = network.stages[0].weights, network.stages[2].weights
    np.testing.assert_allclose(network([[4, 1, 1]]), vectors[[4, 1, 1]].mean(axis=0)[None] @ matrix, rtol=1e-14)


@pytest.mark.parametrize("columns", [1, 2, 3, 10, 64, 300])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_are_added_as_numpy_adds_them(columns, dtype):
    generator = np.random.RandomState(columns)
    for rows in (1, 63, 64, 1000):
        matrix = generator.randn(rows, columns).astype(dtype)
        assert sum_of_rows(matrix).tolist() == matrix.sum(axis=0).tolist()
