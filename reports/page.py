"""Laying out the page: templates, style, scripts and the policy that lets nothing else run.

Here belongs what turns finished sections into HTML. Every value passes Jinja's autoescape; the policy names the hash
of the one script of ours, so that a script which came with the data could not run even if it got past the escaping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup, escape

from reports import words
from reports.notices import notices
from reports.safe import csv_text, data_uri, json_block, script_hash, tidy, web_address
from reports.section import Body, Context, Figure, Section
from reports.simulated import SIMULATED, WORD
from reports.week import Week

# A small rising step line; inline, so that the browser asks for no /favicon.ico.
FAVICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
    "rx='3' fill='%230072b2'/%3E%3Cpath d='M3 12h3V8h4V4h3' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E"
)
_UNBROKEN = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\bn = [\d,]+( \w+)?")
ORIGIN_WORDS = {
    "live": "live",
    "imported": "imported",
    "starter": "starter",
    SIMULATED: WORD,
    "never": "never captured",
}


def _asset(name: str) -> str:
    return (resources.files("reports") / "templates" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    """Vega, its embedder and our few lines on top, as one module: on its own the bundle's short names would clash."""
    script = str(vl_convert.javascript_bundle(_asset("charts.js")))
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("the script of the report holds text that would end its own element")
    return script


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=tidy,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "web_address": web_address,
        "day": words.day,
        "moment": words.moment,
        "numeral": words.numeral,
        "prose": _prose,
        "span": _span,
    }
    environment.globals |= {
        "style": Markup(_asset("style.css")),  # noqa: S704 - our own file
        "favicon": FAVICON,
        "origin_words": ORIGIN_WORDS,
    }
    return environment


def _span(entry: Any) -> str:
    """The capture time of a provenance entry: a moment, a day, or a range of days."""
    first, last = entry.captured_from, entry.captured_to
    if first is None or last is None:
        return "capture time unknown"
    if first == last and hasattr(first, "hour"):
        return f"captured {words.moment(first)}"
    return f"captured {words.days_between([first, last])}"


def _prose(text: object) -> Markup:
    """Escaped text in which a date or a number of cases never breaks over two lines."""
    return Markup(_UNBROKEN.sub(r'<span class="whole">\g<0></span>', str(escape(tidy(text)))))  # noqa: S704 - escaped


def _policy(script: str) -> str:
    allowed = script_hash(script) if script else "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _view(figure: Figure) -> dict[str, Any]:
    """What the template needs of a figure beside the figure itself."""
    text = csv_text(figure.results[0].frame)
    return {
        "figure": figure,
        "csv": data_uri(text),
        "rows": len(figure.results[0].frame),
        "simulated": SIMULATED in figure.origins,
        "spec": json_block(figure.chart.spec) if figure.chart else None,
        "panels": [(panel, json_block(panel.chart.spec)) for panel in figure.panels],
    }


def week_page(context: Context, bodies: Sequence[tuple[Section, Body]]) -> str:
    """The report of a week as one HTML file."""
    slugs = [figure.slug for _, body in bodies for figure in body.figures]
    if len(slugs) != len(set(slugs)):
        raise ValueError(f"two figures share a name: {sorted(slugs)}")
    drawn = any(figure.chart or figure.panels for _, body in bodies for figure in body.figures)
    script = _script() if drawn else ""
    return (
        _environment()
        .get_template("week.html.j2")
        .render(
            week=context.week,
            known_on=context.known_on,
            health=context.health,
            notices=notices(context),
            headlines=[
                (section, text, SIMULATED in body.origins) for section, body in bodies for text in body.headlines
            ],
            simulated=any(SIMULATED in body.origins for _, body in bodies),
            parts=[(section, body, [_view(figure) for figure in body.figures]) for section, body in bodies],
            policy=_policy(script),
            script=Markup(script),  # noqa: S704 - our own and Vega's, checked above
        )
    )


def index_page(weeks: Sequence[tuple[Week, bool]]) -> str:
    """The list of all weeks, and of each whether it rests on simulated data, as HTML."""
    simulated = bool(weeks) and all(mark for _, mark in weeks)
    return _environment().get_template("index.html.j2").render(weeks=weeks, simulated=simulated, policy=_policy(""))


def is_simulated(page: Path) -> bool:
    """Whether the page of a week says at its very beginning that it shows simulated data."""
    with page.open(encoding="utf-8") as file:
        return f'data-origin="{SIMULATED}"' in file.read(200)
