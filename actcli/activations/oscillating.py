"""Waves: sines, and functions that contain sines."""

from __future__ import annotations

from actcli.activations.definition import activation


@activation(
    "sin(omega*x)", source="Lapedes & Farber 1987; Sitzmann et al. 2020 (SIREN), arXiv:2006.09661", aliases=("sin",)
)
def sine(*, omega: float = 1.0) -> None:
    """A sine wave; SIREN networks use omega 30."""


@activation(
    "x + sin(frequency*x)**2/frequency", source="Liu, Hartwig & Ueda 2020, arXiv:2006.08195", domain=("frequency > 0",)
)
def snake(*, frequency: float = 1.0) -> None:
    """A wave on the identity, for periodic data."""


@activation("x*cos(x)", source="Noel et al. 2021, arXiv:2108.12943")
def gcu() -> None:
    """Growing cosine unit."""


@activation(
    "(x + a*sin(b*x))*sigmoid(x)",
    shown="(x + a*sin(b*x))/(1 + exp(-x))",
    source="Paul et al. 2022, Mathematics 10(3):337",
)
def sinlu(*, a: float = 1.0, b: float = 1.0) -> None:
    """A swish with a wave on it."""


@activation(
    # 1 - (pi*x)**2/6 instead of 1 gives the second derivative at 0.
    "where(x == 0, 1 - (pi*x)**2/6, sin(pi*x)/(pi*where(x == 0, 1, x)))",
    shown="where(x == 0, 1, sin(pi*x)/(pi*x))",
    source="Saratchandran et al. 2024, arXiv:2402.05427",
)
def sinc() -> None:
    """The normalised sinc, sin(pi x)/(pi x)."""
