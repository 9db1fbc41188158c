"""The HTML page of a folder of pictures, by family. This module does not import matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from actcli.activations import Activation

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
section { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; } img { width: 100%; height: auto; } figcaption { font-size: 0.85rem; }
"""


def index(activations: Sequence[Activation], suffix: str = ".png") -> str:
    """The HTML of a page that shows NAME.png of each function in its folder by family, and links to gallery.png."""
    families: dict[str, list[Activation]] = {}
    for activation in activations:
        families.setdefault(activation.family, []).append(activation)
    title = f"{len(activations)} activation functions"
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head>",
        f'<body><h1>{title}</h1><p><a href="gallery{suffix}">All of them at a glance</a></p>',
    ]
    for family, members in families.items():
        lines.append(f"<h2>{escape(family.replace('_', ' '))}</h2><section>")
        for activation in members:
            name, words = escape(activation.name), escape(activation.summary)
            lines.append(
                f'<figure id="{name}"><a href="{name}{suffix}"><img src="{name}{suffix}" loading="lazy" '
                f'alt="The curve of {name}: {words}"></a><figcaption><b>{name}</b> {words}</figcaption></figure>'
            )
        lines.append("</section>")
    return "\n".join([*lines, "</body></html>", ""])
