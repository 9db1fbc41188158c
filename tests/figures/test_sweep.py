"""The figure of a sweep: one panel per network on common axes, with the given numbers."""

import numpy as np

from actcli.figures import layers
from actcli.figures.look import look

PANELS = {
    "relu": {"signal": [1.0, 0.1, 0.01], "gradient": [0.02, 0.2, 2.0]},
    "tanh": {"signal": [1.0, 0.9, 0.8], "gradient": [np.inf, 0.0, 1.0]},
}


def test_panels_hold_what_they_were_given():
    picture = layers.sweep(PANELS, look(), ylabel="standard deviation", title="by layer", caption="300 samples")
    panels = picture.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["relu", "tanh"]
    assert {axes.get_yscale() for axes in panels} == {"log"}
    assert len({axes.get_ylim() for axes in panels}) == 1
    signal, gradient = panels[0].lines[:2]
    assert np.array_equal(signal.get_xydata(), [[1, 1.0], [2, 0.1], [3, 0.01]])
    assert np.array_equal(gradient.get_ydata(), [0.02, 0.2, 2.0])
    assert signal.get_color() != gradient.get_color()
    assert signal.get_linestyle() != gradient.get_linestyle()
    # Values without a place on a logarithmic axis leave a gap.
    assert np.isnan(panels[1].lines[1].get_ydata()).tolist() == [False, True, False]
    words = [text.get_text() for text in picture.texts]
    assert words == ["by layer", "signal", "gradient", "300 samples", "layer", "standard deviation"]


def test_a_small_spread_stays_linear():
    picture = layers.sweep({"one": {"signal": [1.0, 1.1]}}, look(), ylabel="deviation")
    assert picture.axes[0].get_yscale() == "linear"
