"""Programs of "Neural Networks from Scratch in Python" (Kinsley and Kukieła, 2020), rewritten from its text.

`python tests/network/reference/book.py CASE EPOCHS [EVERY]` runs one of `CASES` on the book's own package nnfs, as its
chapters build it up, and prints a line every EVERY epochs: epoch, accuracy (nan for the curve), loss, data loss, rate;
and, where the case has a test set, a last line "test": accuracy and loss on it.
"""

# ruff: noqa: NPY002 - the book and nnfs draw from numpy's own generator

import sys
from collections.abc import Callable

import nnfs
import numpy as np
from nnfs.datasets import sine_data, spiral_data


class Layer:
    """A dense layer as in chapters 3 and 9, with the penalties of chapter 14."""

    def __init__(self, inputs, neurons, deviation=0.01, l2_weights=0.0, l2_biases=0.0):
        self.weights = deviation * np.random.randn(inputs, neurons)
        self.biases = np.zeros((1, neurons))
        self.penalties = {"weights": l2_weights, "biases": l2_biases}

    def forward(self, inputs, training=True):
        self.inputs = inputs
        return np.dot(inputs, self.weights) + self.biases

    def backward(self, gradient):
        self.gradients = {
            "weights": np.dot(self.inputs.T, gradient),
            "biases": np.sum(gradient, axis=0, keepdims=True),
        }
        for name, factor in self.penalties.items():
            if factor > 0:
                self.gradients[name] = self.gradients[name] + 2 * factor * getattr(self, name)
        return np.dot(gradient, self.weights.T)

    def penalty(self):
        return sum(
            factor * np.sum(getattr(self, name) * getattr(self, name))
            for name, factor in self.penalties.items()
            if factor > 0
        )


class Dropout:
    """Chapter 15."""

    def __init__(self, rate):
        self.kept = 1 - rate

    def forward(self, inputs, training=True):
        if not training:
            return inputs
        self.mask = np.random.binomial(1, self.kept, size=inputs.shape) / self.kept
        return inputs * self.mask

    def backward(self, gradient):
        return gradient * self.mask


class Relu:
    def forward(self, inputs, training=True):
        self.inputs = inputs
        return np.maximum(0, inputs)

    def backward(self, gradient):
        gradient = gradient.copy()
        gradient[self.inputs <= 0] = 0
        return gradient


class Sigmoid:
    def forward(self, inputs, training=True):
        self.output = 1 / (1 + np.exp(-inputs))
        return self.output

    def backward(self, gradient):
        return gradient * (1 - self.output) * self.output


class Linear:
    def forward(self, inputs, training=True):
        return inputs

    def backward(self, gradient):
        return gradient.copy()


class Softmax:
    """Softmax with its loss: the backward pass receives the gradient p - y of both."""

    def forward(self, inputs, training=True):
        powers = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        return powers / np.sum(powers, axis=1, keepdims=True)

    def backward(self, gradient):
        return gradient


class CrossEntropy:
    def values(self, outputs, labels):
        return -np.log(np.clip(outputs, 1e-7, 1 - 1e-7)[range(len(outputs)), labels])

    def gradient(self, outputs, labels):
        gradient = outputs.copy()
        gradient[range(len(outputs)), labels] -= 1
        return gradient / len(outputs)

    def accuracy(self, outputs, labels):
        return np.mean(np.argmax(outputs, axis=1) == labels)


class BinaryCrossEntropy:
    def values(self, outputs, labels):
        p = np.clip(outputs, 1e-7, 1 - 1e-7)
        return np.mean(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)), axis=-1)

    def gradient(self, outputs, labels):
        p = np.clip(outputs, 1e-7, 1 - 1e-7)
        return -(labels / p - (1 - labels) / (1 - p)) / len(outputs[0]) / len(outputs)

    def accuracy(self, outputs, labels):
        return np.mean((outputs > 0.5) * 1 == labels)


class MeanSquaredError:
    def values(self, outputs, targets):
        return np.mean((targets - outputs) ** 2, axis=-1)

    def gradient(self, outputs, targets):
        return -2 * (targets - outputs) / len(outputs[0]) / len(outputs)

    def accuracy(self, outputs, targets):
        return np.nan


class Optimizer:
    """The common part of the optimizers of chapter 10."""

    def __init__(self, rate, decay=0.0):
        self.rate = self.current = rate
        self.decay = decay
        self.iterations = 0
        self.kept = {}

    def step(self, layers):
        self.current = self.rate * (1.0 / (1.0 + self.decay * self.iterations))
        for layer in layers:
            for name in ("weights", "biases"):
                parameters = getattr(layer, name)
                parameters += self.change(layer, name, layer.gradients[name])
        self.iterations += 1

    def old(self, what, layer, name):
        return self.kept.get((what, layer, name), np.zeros_like(getattr(layer, name)))

    def keep(self, what, layer, name, value):
        self.kept[what, layer, name] = value
        return value


class Sgd(Optimizer):
    momentum = 0.0

    def change(self, layer, name, gradient):
        velocity = self.momentum * self.old("velocity", layer, name) - self.current * gradient
        return self.keep("velocity", layer, name, velocity)


class Momentum(Sgd):
    momentum = 0.9


class AdaGrad(Optimizer):
    def change(self, layer, name, gradient):
        cache = self.keep("cache", layer, name, self.old("cache", layer, name) + gradient**2)
        return -self.current * gradient / (np.sqrt(cache) + 1e-7)


class RmsProp(Optimizer):
    rho = 0.999

    def change(self, layer, name, gradient):
        cache = self.rho * self.old("cache", layer, name) + (1 - self.rho) * gradient**2
        self.keep("cache", layer, name, cache)
        return -self.current * gradient / (np.sqrt(cache) + 1e-7)


class Adam(Optimizer):
    def change(self, layer, name, gradient):
        momentum = self.keep("momentum", layer, name, 0.9 * self.old("momentum", layer, name) + (1 - 0.9) * gradient)
        cache = 0.999 * self.old("cache", layer, name) + (1 - 0.999) * gradient**2
        self.keep("cache", layer, name, cache)
        corrected = momentum / (1 - 0.9 ** (self.iterations + 1))
        corrected_cache = cache / (1 - 0.999 ** (self.iterations + 1))
        return -self.current * corrected / (np.sqrt(corrected_cache) + 1e-7)


def spiral(samples: int, classes: int = 3) -> Callable:
    def draw():
        features, labels = spiral_data(samples=samples, classes=classes)
        return features, labels if classes > 2 else labels.reshape(-1, 1)

    return draw


def two_layers(**options) -> Callable:
    return lambda: [Layer(2, 64, **options), Relu(), Layer(64, 3), Softmax()]


#: The data, the layers, the loss and the optimizer; and whether a test set is drawn after training.
CASES = {
    "adam": (spiral(100), two_layers(), CrossEntropy, lambda: Adam(0.05, 5e-7), False),
    "sgd": (spiral(100), two_layers(), CrossEntropy, lambda: Momentum(1.0, 1e-3), False),
    "sgd_plain": (spiral(100), two_layers(), CrossEntropy, lambda: Sgd(1.0), False),
    "adagrad": (spiral(100), two_layers(), CrossEntropy, lambda: AdaGrad(1.0, 1e-4), False),
    "rmsprop": (spiral(100), two_layers(), CrossEntropy, lambda: RmsProp(0.02, 1e-5), False),
    "l2": (
        spiral(100),
        two_layers(l2_weights=5e-4, l2_biases=5e-4),
        CrossEntropy,
        lambda: Adam(0.02, 5e-7),
        True,
    ),
    "dropout": (
        spiral(1000),
        lambda: [Layer(2, 64, l2_weights=5e-4, l2_biases=5e-4), Relu(), Dropout(0.1), Layer(64, 3), Softmax()],
        CrossEntropy,
        lambda: Adam(0.05, 5e-5),
        False,
    ),
    "binary": (
        spiral(100, 2),
        lambda: [Layer(2, 64, l2_weights=5e-4, l2_biases=5e-4), Relu(), Layer(64, 1), Sigmoid()],
        BinaryCrossEntropy,
        lambda: Adam(0.001, 5e-7),
        True,
    ),
    "regression": (
        sine_data,
        lambda: [Layer(1, 64, 0.1), Relu(), Layer(64, 64, 0.1), Relu(), Layer(64, 1, 0.1), Linear()],
        MeanSquaredError,
        lambda: Adam(0.005, 1e-3),
        False,
    ),
}


def run(case: str, epochs: int, every: int) -> None:
    draw, build, loss, optimizer, tested = CASES[case]
    features, targets = draw()
    layers, loss, optimizer = build(), loss(), optimizer()
    trained = [layer for layer in layers if isinstance(layer, Layer)]

    def forward(values, training):
        for layer in layers:
            values = layer.forward(values, training)
        return values

    for epoch in range(epochs):
        outputs = forward(features, True)
        data_loss = np.mean(loss.values(outputs, targets))
        total = data_loss + sum(layer.penalty() for layer in trained)
        accuracy = loss.accuracy(outputs, targets)
        if epoch % every == 0 or epoch == epochs - 1:
            print(epoch, *(repr(float(value)) for value in (accuracy, total, data_loss, optimizer.current)))
        gradient = loss.gradient(outputs, targets)
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
        optimizer.step(trained)
    if tested:
        features, targets = draw()
        outputs = forward(features, False)
        accuracy, mean = loss.accuracy(outputs, targets), np.mean(loss.values(outputs, targets))
        print("test", *(repr(float(value)) for value in (accuracy, mean)))


if __name__ == "__main__":
    nnfs.init()
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 100)
