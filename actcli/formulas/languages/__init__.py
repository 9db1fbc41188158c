"""The target languages of `code`: `LANGUAGES` has them by name, and its choices, help and tests follow from it."""

from actcli.formulas.languages.c import C
from actcli.formulas.languages.cuda import CUDA
from actcli.formulas.languages.javascript import JAVASCRIPT
from actcli.formulas.languages.jax import JAX
from actcli.formulas.languages.julia import JULIA
from actcli.formulas.languages.language import Language
from actcli.formulas.languages.latex import LATEX
from actcli.formulas.languages.numpy import NUMPY
from actcli.formulas.languages.onnx import ONNX
from actcli.formulas.languages.python import PYTHON
from actcli.formulas.languages.rust import RUST
from actcli.formulas.languages.sympy import SYMPY
from actcli.formulas.languages.tensorflow import TENSORFLOW
from actcli.formulas.languages.torch import TORCH

#: The languages by the name that `--to` takes.
LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (PYTHON, NUMPY, TORCH, JAX, TENSORFLOW, C, CUDA, RUST, JULIA, JAVASCRIPT, ONNX, LATEX, SYMPY)
}

#: The float types that at least one language has.
DTYPES = tuple(dict.fromkeys(dtype for language in LANGUAGES.values() for dtype in language.dtypes))
