"""Languages that trees are written in: `LANGUAGES` has them by name, and everything else follows from it."""

from actcli.formulas.languages.c import C
from actcli.formulas.languages.javascript import JAVASCRIPT
from actcli.formulas.languages.language import Language
from actcli.formulas.languages.numpy import NUMPY
from actcli.formulas.languages.python import PYTHON

LANGUAGES: dict[str, Language] = {language.name: language for language in (PYTHON, NUMPY, C, JAVASCRIPT)}

#: The float types that one language or another has.
DTYPES = tuple(dict.fromkeys(dtype for language in LANGUAGES.values() for dtype in language.dtypes))
