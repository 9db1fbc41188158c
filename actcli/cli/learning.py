"""The options of `train` for training and its data, and their conversion to objects of the library."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli import sweep
from actcli.cli.choices import one_of
from actcli.cli.inputs import standard_input
from actcli.cli.network import Architecture
from actcli.cli.samples import Data
from actcli.network.losses import LOSSES
from actcli.network.optimisers import OPTIMISERS

if TYPE_CHECKING:
    import numpy as np

    from actcli.datasets import Dataset
    from actcli.network.losses import Penalty
    from actcli.network.samples import FileData, Words
    from actcli.network.scaling import Scaling
    from actcli.network.weights import Meaning

OPTIMISER_NAMES, LOSS_NAMES = list(OPTIMISERS), list(LOSSES)
#: The keys of --until, which are columns of the history.
GOALS = ("loss", "accuracy", "validation_loss", "validation_accuracy")


#: The keys of --sweep.
KEYS: sweep.Keys = {
    **sweep.KEYS,
    "optimizer": ("optimizer", str),
    "loss": ("loss", str),
    "batch_size": ("batch_size", int),
    "epochs": ("epochs", int),
    "l1": ("l1", str),
    "l2": ("l2", str),
    "dropout": ("dropout", str),
    "clip_norm": ("clip_norm", float),
    "samples": ("samples", int),
}


@dataclass(frozen=True)
class Learning:
    """The options of the training itself."""

    optimizer: Annotated[
        str,
        typer.Option(
            "--optimizer",
            "--optimiser",
            metavar=f"<{'|'.join(OPTIMISER_NAMES)}>",
            help="Parameters behind an @: sgd@rate=1,decay=1e-3,momentum=0.9. The rate of step t is rate/(1+decay*t).",
        ),
    ] = "adam@rate=0.05,decay=5e-7"
    loss: Annotated[
        str | None,
        one_of(
            LOSS_NAMES,
            "--loss",
            help="Else by the last activation: softmax cross_entropy, sigmoid binary_cross_entropy, linear mse.",
        ),
    ] = None
    epochs: Annotated[int, typer.Option("--epochs", metavar="N", min=1, help="Times through all rows.")] = 10_001
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", metavar="N", min=1, help="Rows of a step. Default: all.")
    ] = None
    shuffle: Annotated[bool, typer.Option("--shuffle", help="The rows in a new order every epoch.")] = False
    l1: Annotated[
        str | None, typer.Option("--l1", metavar="X[,X...]", help="Add X*sum|w|: one for all layers, or one a layer.")
    ] = None
    l2: Annotated[
        str | None, typer.Option("--l2", metavar="X[,X...]", help="Add X*sum w^2, of weights and biases.")
    ] = None
    dropout: Annotated[
        str | None,
        typer.Option("--dropout", metavar="P[,P...]", help="Drop this share after every hidden layer, or one a layer."),
    ] = None
    clip_norm: Annotated[
        float | None, typer.Option("--clip-norm", metavar="X", help="The gradient of a step is no longer than this.")
    ] = None
    patience: Annotated[
        int | None,
        typer.Option(
            "--patience", metavar="N", min=1, help="Stop after N epochs without a lower loss (of validation data)."
        ),
    ] = None
    until: Annotated[
        str | None, typer.Option("--until", metavar="KEY=X", help=f"Stop at loss=0.1 or so: {', '.join(GOALS)}.")
    ] = None

    def goal(self, *, labelled: bool, held_out: bool) -> tuple[str, float] | None:
        """--until as (column, value), None if not given; accuracy needs labels, validation_* held-out data."""
        if self.until is None:
            return None
        key, _, text = self.until.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if key not in GOALS or not math.isfinite(value):
            raise ValueError(f"--until takes KEY=X with KEY one of {', '.join(GOALS)}, not {self.until!r}")
        if key.endswith("accuracy") and not labelled:
            raise ValueError(f"--until {key} is for classes; values have a loss alone")
        if key.startswith("validation") and not held_out:
            raise ValueError(f"--until {key} needs --validation FILE, --test-split P or --validation-samples N")
        return key, value

    def penalty(self, layers: int) -> Penalty:
        """--l1 and --l2 for so many layers with weights."""
        from actcli.network.losses import Penalty

        factors = (_numbers(name, text, layers, "layers") for name, text in (("--l1", self.l1), ("--l2", self.l2)))
        return Penalty(*factors)

    def norm(self) -> float | None:
        """--clip-norm; raises ValueError if it is not positive."""
        if self.clip_norm is not None and not (math.isfinite(self.clip_norm) and self.clip_norm > 0):
            raise ValueError(f"--clip-norm must be above 0, not {self.clip_norm:g}")
        return self.clip_norm

    def with_dropout(self, words: list[str]) -> list[str]:
        """The words of --layers with the dropout layers of --dropout inserted after the hidden layers."""
        from decimal import Decimal

        from actcli.network.kinds import Word

        if self.dropout is None:
            return words
        kinds = [Word.of(word, position).kind for position, word in enumerate(words[1:], 1)]
        places = [place for place, kind in enumerate(kinds, 1) if kind.is_weighted][:-1]
        shares = dict(zip(places, _numbers("--dropout", self.dropout, len(places), "hidden layers"), strict=True))
        if wrong := [share for share in shares.values() if share >= 1]:
            raise ValueError(f"--dropout takes shares from 0 to below 1, not {wrong[0]:g}")
        result = []
        for place, word in enumerate(words):
            result.append(word)
            if shares.get(place):
                result.append(f"dropout{Decimal(str(shares[place])):f}")
        return result


@dataclass(frozen=True)
class Texts:
    """The options of the conversion of texts to numbers."""

    vocabulary: Annotated[
        int | None,
        typer.Option("--vocabulary", metavar="N", help="The input is text: number its N - 2 most frequent words."),
    ] = None
    length: Annotated[
        int | None, typer.Option("--length", metavar="L", help="Words of a text, padded or cut. Default: the inputs.")
    ] = None

    def words(self, inputs: int, given: Data, saved: tuple[str, ...]) -> Words | None:
        """The conversion of texts, None if the input is numbers; `saved` is the vocabulary of a file of weights."""
        from actcli.network.words import Vocabulary, WordVectors

        if given.vectors is not None:
            if self.vocabulary is not None or self.length is not None:
                raise ValueError("--vectors and --vocabulary are two ways to read words; give one")
            return WordVectors(given.vectors, inputs)
        if saved:
            return Vocabulary(saved, self.length or inputs)
        if self.vocabulary is None:
            if self.length is not None:
                raise ValueError("--length is of a text; give --vocabulary too")
            return None
        if given.scales:
            raise ValueError("--vocabulary makes numbers that stand for words; they cannot be scaled")
        return self.vocabulary, self.length or inputs


@dataclass(frozen=True)
class HeldOut:
    """The options of held-out data, on which a network is evaluated but not trained."""

    validation: Annotated[
        str | None, typer.Option("--validation", metavar="FILE", help="Rows like those of --input.")
    ] = None
    validation_labels: Annotated[
        str | None, typer.Option("--validation-labels", metavar="FILE", help="Their labels, where --labels has those.")
    ] = None
    test_split: Annotated[
        float | None, typer.Option("--test-split", metavar="P", help="This share of the rows, of every class alike.")
    ] = None
    validation_samples: Annotated[
        int | None,
        typer.Option(
            "--validation-samples", metavar="N", min=1, help="N samples per class, drawn after data and weights."
        ),
    ] = None

    @property
    def is_given(self) -> bool:
        """Whether there are any."""
        return (self.validation, self.test_split, self.validation_samples) != (None, None, None)

    def check(self) -> None:
        """Raise ValueError if several options are given, or labels without data."""
        given = {
            "--validation": self.validation,
            "--test-split": self.test_split,
            "--validation-samples": self.validation_samples,
        }
        names = [name for name, value in given.items() if value is not None]
        if len(names) > 1:
            raise ValueError(f"{' and '.join(names)} are ways to the same; give one")
        if self.validation_labels is not None and self.validation is None:
            raise ValueError("--validation-labels are those of --validation FILE; give it too")


@dataclass(frozen=True)
class Source:
    """The training data as drawn or read, and the validation data if --validation is given."""

    training: Dataset
    validation: Dataset | None
    name: str
    is_book: bool  # whether the NNFS book uses this data set

    def meaning(self, known: Meaning) -> Meaning:
        """The meaning of inputs and outputs from a file of data, completed by `known`; `known` for a data set."""
        from actcli.network.samples import FileData

        data = self.training
        if not isinstance(data, FileData):
            return known
        words = known.vocabulary if data.vocabulary is None else data.vocabulary.words
        return known._replace(classes=data.classes, features=data.columns or known.features, vocabulary=words)

    def prepared(
        self, given: Data, apart: HeldOut, architecture: Architecture
    ) -> tuple[Dataset, Dataset | None, Scaling | None]:
        """The scaled training data and held-out data, and the scaling; the generator is then used for the weights.

        Raises ValueError for a share of --test-split that leaves no rows.
        """
        from dataclasses import replace

        from actcli import datasets

        dtype = architecture.dtype
        training, validation = self.training, self.validation
        if not self.is_drawn:
            # All networks share the data of a file, but each needs a new generator.
            training = replace(training, generator=architecture.generator())
        if apart.test_split is not None:
            training, validation = datasets.split(training, apart.test_split)
        scaling = given.scaling(training.features) if given.scales else None
        if scaling is not None:
            training = replace(training, features=scaling(training.features, dtype))
            if validation is not None:
                validation = replace(validation, features=scaling(validation.features, dtype))
        return training, validation, scaling

    @property
    def is_drawn(self) -> bool:
        from actcli import datasets

        return self.name in datasets.names()

    def again(self, samples: int, generator: np.random.RandomState, dtype: str) -> Dataset:
        """A second draw of the same data set with a copy of `generator`, which itself does not advance."""
        import numpy as np

        from actcli import datasets

        further = np.random.RandomState()
        further.set_state(generator.get_state())
        classes = len(np.unique(self.training.targets)) if self.training.is_labelled else None
        return datasets.make(self.name, samples, classes, dtype=dtype, generator=further)


def drawn(
    given: Data,
    texts: Texts,
    apart: HeldOut,
    architecture: Architecture,
    *,
    inputs: int,
    outputs: int,
    meaning: Meaning,
) -> Source:
    """The data set of --data for a network with so many inputs and outputs; `meaning` is for --validation.

    Raises ValueError if the data do not fit the network, or if options contradict each other.
    """
    from actcli import datasets

    name = given.name(is_deep=False)
    if name is None or name == "normal":
        raise ValueError("--data normal has no labels to learn; there are " + ", ".join(datasets.names()))
    if texts.vocabulary is not None:
        raise ValueError("--vocabulary is about a file; give --input FILE")
    _, count, classes = datasets.size(name, given.samples, given.classes, max(outputs, 2))
    data = datasets.make(name, count, classes, generator=architecture.generator(), dtype=architecture.dtype)
    if data.features.shape[1] != inputs:
        raise ValueError(
            f"layer 1 expects {inputs} input{'s' * (inputs > 1)}, the {name} data has {data.features.shape[1]}; "
            f"give --input FILE (- is standard input){', or --data sine' if inputs == 1 else ''}"
        )
    if data.is_labelled and classes != max(outputs, 2):
        raise ValueError(f"the {name} data has {classes} classes, the network can tell {max(outputs, 2)} apart")
    held_out = _validation(given, texts, apart, data, inputs=inputs, outputs=outputs, meaning=meaning)
    return Source(data, held_out, name, name in datasets.NNFS)


def read(given: Data, texts: Texts, apart: HeldOut, **fitting: Any) -> Source:
    """Read the data of --input and --validation for a network.

    fitting: the numbers of `inputs` and `outputs`, whether the targets are classes (`labelled`; None if the file
    decides), and the known `meaning` of inputs and outputs. Raises ValueError and OSError as `samples.load`.
    """
    assert given.where is not None
    if apart.validation_samples is not None:
        raise ValueError("--validation-samples draws a data set again; hold out rows of a file with --test-split")
    training = _load(given, texts, given.where, given.labels, **fitting)
    return Source(training, _validation(given, texts, apart, training, **fitting), given.where, False)


def _validation(given: Data, texts: Texts, apart: HeldOut, training: Dataset, **fitting: Any) -> FileData | None:
    from actcli.network.samples import FileData

    if apart.validation is None:
        return None
    fitting["labelled"] = training.is_labelled
    like = training if isinstance(training, FileData) else None
    return _load(given, texts, apart.validation, apart.validation_labels, like=like, **fitting)


def _load(
    given: Data, texts: Texts, where: str, labels: str | None, *, inputs: int, meaning: Meaning, **fitting: Any
) -> FileData:
    from actcli.network import samples

    return samples.load(
        where,
        label=given.label,
        labels=labels,
        form=given.form,
        columns=given.column or (),
        words=texts.words(inputs, given, meaning.vocabulary),
        stdin=standard_input(where),
        inputs=inputs,
        classes=meaning.classes,
        names=meaning.features,
        **fitting,
    )


def _numbers(name: str, text: str | None, count: int, what: str) -> tuple[float, ...]:
    """`count` numbers of an option, from one number for all or a list with commas; 0 if the option is not given."""
    if text is None:
        return (0.0,) * count
    values = []
    for part in text.split(","):
        try:
            value = float(part)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} takes numbers of at least 0, not {part!r}")
        values.append(value)
    if len(values) == 1:
        values *= count
    if len(values) != count:
        raise ValueError(f"{name} has {len(values)} numbers for {count} {what}; give one, or one each")
    return tuple(values)
