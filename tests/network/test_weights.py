"""Weights in files: three formats and two layouts without loss of bits, and errors that name the fault."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from actcli.network.model import Network
from actcli.network.weights import SUFFIXES, Meaning, dump, load

GENERATOR = np.random.RandomState(0)
W1, B1, W2, B2 = (GENERATOR.randn(*shape) for shape in ((2, 3), (3,), (3, 4), (4,)))


def pair_lists(pairs):
    return [[None if part is None else part.tolist() for part in pair] for pair in pairs]


EXPECTED = pair_lists([(W1, B1), (W2, B2)])


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saved_and_loaded(tmp_path, suffix, dtype):
    network = Network("4x4,conv3x3:2,pool2,flatten,3", init="he", dtype=dtype)
    payload = dump(network, suffix)
    assert payload == dump(network, suffix)
    (tmp_path / f"w{suffix}").write_bytes(payload)
    loaded = load(tmp_path / f"w{suffix}").parameters
    again = Network.of_parameters(loaded, layers=network.text, dtype=dtype)
    for one, two in zip(network.stages, again.stages, strict=True):
        assert np.array_equal(one.weights, two.weights)
        assert np.array_equal(one.biases, two.biases)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_activations_go_with_the_weights(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(dump(Network("5x2,lstm4,3,2", "elu@alpha=0.5,x*tanh(max(x,0))"), suffix))
    assert load(path).activations == "elu@alpha=0.5,x*tanh(max(x,0))"
    assert len(load(path).parameters) == 3


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("words", [0, 20_000])
def test_what_inputs_and_outputs_stand_for_goes_with_the_weights(tmp_path, suffix, words):
    path, names = tmp_path / f"w{suffix}", ("so: so", "größer, \n2", "x")
    # So many names are longer than the comment of an archive may be.
    meaning = Meaning(names, ("a b", "é"), tuple(f"wörd{k}" for k in range(words)), scales=bool(words))
    payload = dump(Network("5,3"), suffix, meaning)
    assert payload == dump(Network("5,3"), suffix, meaning)
    path.write_bytes(payload)
    saved = load(path)
    assert (saved.meaning, saved.activations, saved.layers) == (meaning, "softmax", None)
    # Comments of other programs are ignored.
    if not words:
        path.write_bytes(payload.replace(b'"so: so"', b"12345678").replace(b'\\"so: so\\"', b"123456789 "))
        assert load(path).meaning == meaning._replace(classes=())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_layers_go_with_the_weights_where_these_do_not_tell(tmp_path, suffix):
    for text, layers in (("4,dropout0.5,3", None), ("6x6,conv3x3:2,dropout0.5,flatten,3", "6x6x1,conv3x3:2,flatten,3")):
        (tmp_path / f"w{suffix}").write_bytes(dump(Network(text), suffix))
        assert load(tmp_path / f"w{suffix}").layers == layers


def test_activations_by_hand(tmp_path):
    layers = [{"weights": W1.tolist()}, {"weights": W2.tolist()}]
    path = tmp_path / "w.json"
    path.write_text(json.dumps(layers))
    assert load(path).activations is None
    layers[0]["activation"] = "tanh"
    path.write_text(json.dumps(layers))
    with pytest.raises(ValueError, match=r"layer 2 names no activation: give every layer one, or none$"):
        load(path)
    layers[1]["activation"] = None
    assert load(Path(json.dumps(layers))).activations == "tanh"
    np.savez(tmp_path / "w.npz", W1=W1)
    assert load(tmp_path / "w.npz").activations is None


def test_npz_by_number_and_by_name(tmp_path):
    np.savez(tmp_path / "a.npz", b2=B2, W2=W2, W1=W1, b1=B1)
    assert pair_lists(load(tmp_path / "a.npz").parameters) == EXPECTED
    # PyTorch's names, in the order of their numbers, one row per neuron.
    np.savez(tmp_path / "b.npz", **{"10.weight": W2.T, "10.bias": B2, "2.weight": W1.T, "2.bias": B1})
    assert pair_lists(load(tmp_path / "b.npz", transposed=True).parameters) == EXPECTED


def test_biases_may_be_missing(tmp_path):
    np.savez(tmp_path / "a.npz", W1=W1)
    assert pair_lists(load(tmp_path / "a.npz").parameters) == [[W1.tolist(), None]]
    network = Network.of_parameters(load(tmp_path / "a.npz").parameters)
    assert network.stages[0].biases.size == 0
    assert network.stages[0].parameters == 6
    for suffix in SUFFIXES:
        (tmp_path / f"b{suffix}").write_bytes(dump(network, suffix))
        ((weights, biases),) = load(tmp_path / f"b{suffix}").parameters
        assert np.array_equal(weights.astype(np.float32), W1.astype(np.float32))
        assert biases is None


def test_json_layouts(tmp_path):
    layers = [{"weights": W1.T.tolist(), "biases": B1.tolist()}, {"weights": W2.T.tolist(), "biases": B2.tolist()}]
    (tmp_path / "a.json").write_text(json.dumps({"layers": layers}))
    assert pair_lists(load(tmp_path / "a.json", transposed=True).parameters) == EXPECTED
    # A lone neuron may be a plain list.
    (tmp_path / "b.json").write_text('{"layers": [{"weights": [0.2, 0.8], "biases": 2}]}')
    ((weights, biases),) = load(tmp_path / "b.json", transposed=True).parameters
    assert (weights.tolist(), float(biases)) == ([[0.2], [0.8]], 2)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (W1.tolist(), [(W1, None)]),
        ({"weights": W1.tolist()}, [(W1, None)]),
        ({"weights": W1.tolist(), "biases": B1.tolist(), "activation": "relu"}, [(W1, B1)]),
        ([{"weights": W1.tolist()}, {"weights": W2.tolist(), "biases": B2.tolist()}], [(W1, None), (W2, B2)]),
        ({"W1": W1.tolist(), "b1": B1.tolist(), "W2": W2.tolist()}, [(W1, B1), (W2, None)]),
        ({"W": W1.tolist(), "b": B1.tolist()}, [(W1, B1)]),
        ({"1.weight": W1.tolist(), "1.bias": B1.tolist()}, [(W1, B1)]),
        ({"fc.kernel": W1.tolist()}, [(W1, None)]),
    ],
)
def test_json_as_people_have_it(tmp_path, content, expected):
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert pair_lists(load(tmp_path / "a.json").parameters) == pair_lists(expected)


@pytest.mark.parametrize("name", ["a.pkl", "it's.pickle"])
def test_a_pickle_is_refused_with_the_line_that_converts_it(tmp_path, monkeypatch, name):
    import pickle

    monkeypatch.chdir(tmp_path)
    # The NNFS book's Model.save_parameters writes biases as a row.
    Path(name).write_bytes(pickle.dumps([(W1, B1[None]), (W2, B2[None])]))
    with pytest.raises(ValueError) as caught:
        load(Path(name))
    said, _, line = str(caught.value).partition("becomes an .npz file by: ")
    assert said.startswith(f"weights {name!r}: a pickle is a program, which is never run here")
    exec(line, {})
    found = load(Path(name).with_suffix(".npz")).parameters
    assert pair_lists(found) == pair_lists([(W1, B1[None]), (W2, B2[None])])
    # The sample weights of the lecture notes are a dict.
    Path(name).write_bytes(pickle.dumps({"b2": B2, "W1": W1, "W2": W2, "b1": B1}))
    exec(line, {})
    assert pair_lists(load(Path(name).with_suffix(".npz")).parameters) == pair_lists([(W1, B1), (W2, B2)])
    found = [(W1, B1[None]), (W2, B2[None])]
    assert Network.of_parameters(found).stages[1].biases.tolist() == B2.astype(np.float32).tolist()


def test_a_transposed_convolution_is_pytorchs(tmp_path):
    kernel = GENERATOR.randn(5, 2, 3, 4)  # units, channels, height, width
    np.savez(tmp_path / "a.npz", W1=kernel)
    ((weights, _),) = load(tmp_path / "a.npz", transposed=True).parameters
    assert weights.shape == (3, 4, 2, 5)
    assert weights[2, 1, 0, 4] == kernel[4, 0, 2, 1]


def safetensors(header, body=b"", length=None):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "w.txt",
            b"",
            "weights 'w.txt': the file must end in .npz, .json, .safetensors, or be JSON itself: '[[0],[1]]'",
        ),
        ("w.npz", b"not a zip", "weights 'w.npz': File is not a zip file"),
        ("w.json", b"7", 'weights \'w.json\': expected {"layers": [{"weights": [[...]], "biases": [...]}, ...]}'),
        (
            "w.json",
            b'{"layers": 7}',
            'weights \'w.json\': expected {"layers": [{"weights": [[...]], "biases": [...]}, ...]}',
        ),
        ("w.json", b'{"layers": []}', "weights 'w.json': there are no layers in it"),
        ("w.json", b"{}", "weights 'w.json': there are no layers in it"),
        ("w.json", b'{"W1": [[1]], "b1": ["x"]}', "weights 'w.json': 'b1' must be numbers in lists"),
        (
            "w.json",
            b'{"W1": [[1]], "c": [2]}',
            "weights 'w.json': 'c' is neither weights nor biases: names are W1, b1, W2, b2, ...",
        ),
        ("w.json", b'{"layers": [{"biases": [1]}]}', "weights 'w.json': layer 1 has no \"weights\""),
        (
            "w.json",
            b'{"layers": [{"weights": [[1, 2], [3]]}]}',
            "weights 'w.json': layer 1: weights have rows of different lengths",
        ),
        (
            "w.json",
            b'{"layers": [{"weights": [["x"]]}]}',
            "weights 'w.json': layer 1: weights must be numbers in lists",
        ),
        (
            "w.safetensors",
            safetensors({}, length=10**6),
            "weights 'w.safetensors': this is no safetensors file: its header is longer than the file",
        ),
        (
            "w.safetensors",
            safetensors({"W1": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}, b"ab"),
            "weights 'w.safetensors': 'W1' is BF16; F64, F32 and F16 are read",
        ),
        (
            "w.safetensors",
            safetensors({"W1": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}, b"abcd"),
            "weights 'w.safetensors': 'W1' is cut short",
        ),
        (
            "w.safetensors",
            safetensors({"W1": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}, b"abcd"),
            "weights 'w.safetensors': 'W1' has the shape [-1, -1] at 0",
        ),
        (
            "w.safetensors",
            safetensors({"W1": {"dtype": "F64"}}),
            "weights 'w.safetensors': 'W1' needs a dtype, a shape and two data_offsets, not {'dtype': 'F64'}",
        ),
        (
            "w.safetensors",
            safetensors([1]),
            "weights 'w.safetensors': this is no safetensors file: its header is no object",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, monkeypatch, name, content, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError) as caught:
        load(Path(name))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"W1": W1, "W3": W2}, "there is no W2"),
        ({"W1": W1, "c1": B1}, "'c1' is neither weights nor biases: names are W1, b1, W2, b2, ..."),
        ({"table": W1}, "'table' is neither weights nor biases: names are W1, b1, W2, b2, ..."),
        ({"a.bias": B1}, "'a' has biases but no weights"),
        ({"W1": np.array(["x"])}, "layer 1: weights must be numbers"),
    ],
)
def test_arrays_that_are_no_weights(tmp_path, arrays, message):
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(ValueError) as caught:
        load(tmp_path / "w.npz")
    assert str(caught.value) == f"weights '{tmp_path / 'w.npz'}': {message}"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    import zipfile

    header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000000), }"
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("W1.npy", header.ljust(127) + b"\n")
    with pytest.raises(ValueError) as caught:
        load(tmp_path / "w.npz")
    assert ": needs 8 EB of memory (W1 8 EB), but this machine has " in str(caught.value)


def test_infinite_weights_have_no_json():
    network = Network.of_parameters([([[np.inf]], [0])], "identity")
    with pytest.raises(ValueError, match=r"^JSON has no infinite numbers; save these weights as \.npz$"):
        dump(network, ".json")
