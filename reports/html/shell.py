"""What every page has in common: its templates, its policy, and text that is only text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from shufflenet_audit.plugin import Verdict, duration, human

from .data import harmless

_HERE = Path(__file__).parent
_PLOT_STYLES = (
    "'sha256-vnLCBQhI2E03zAY/Mp8RxBhuZSloT7+cclqIlG2t6/M='"
    " 'sha256-+TfQir1nvDucAdvE6XUQBt4ayUjpAWkbw2kCdSfekHM='"
)
"""Of the style sheets that Observable Plot adds to a legend and to a chart."""


def rendered(template: str, scripts: str, styles: Iterable[str], **content: object) -> str:
    """
    A page of that template, with scripts, libraries and styles in it.

    `scripts` is the name of a bundle; `styles` are the names of style sheets, in their order.
    """
    script = Markup("".join(_file(f"bundles/{name}.min.js") for name in ("libraries", scripts)))
    style = Markup("\n".join(_file(f"templates/{name}.css") for name in styles))
    return (
        _environment()
        .get_template(template)
        .render(
            licences=_file("bundles/LICENSES.txt"),
            policy=_policy(script, style),
            script=script,
            style=style,
            **content,
        )
    )


def _policy(script: str, style: str) -> str:
    """The content security policy: what is on the page runs, and nothing is fetched."""
    styles = f"{_digest(style)} {_PLOT_STYLES}"
    return (
        f"default-src 'none'; script-src {_digest(script)}; style-src {styles};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "human": human, "duration": duration, "markdown": _markdown, "demoted": _demoted
    }  # fmt: skip
    environment.globals |= {"Verdict": Verdict}
    return environment


def _markdown(text: str) -> Markup:
    """Documentation as HTML; tags inside it are shown as text."""
    rendered = MarkdownIt("commonmark", {"html": False}).render(harmless(text))
    return Markup(rendered.replace("<pre>", '<pre tabindex="0">'))  # it may scroll


def _shown(value: object) -> object:
    """What stands in the page: text that came from elsewhere without control characters."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _demoted(documentation: str) -> str:
    """Documentation with its headings two levels lower, to stand below those of the page."""
    return documentation.replace("\n## ", "\n#### ")
