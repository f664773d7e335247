"""Opens reports in Chromium and fails on anything a reader would meet as broken.

    python tests/browser/check_report.py PAGE... [--screenshots DIR]

Each page is opened from disk at a desktop and a phone width, in light and in dark. Console errors, script errors,
any request beyond the file itself, a chart that drew nothing and a page that scrolls sideways are failures.
`CHROMIUM` names the browser, by default /usr/bin/chromium.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# (name, width, height, colour scheme)
VIEWS = (
    ("wide", 1440, 1000, "light"),
    ("phone", 390, 844, "light"),
    ("wide-dark", 1440, 1000, "dark"),
    ("phone-dark", 390, 844, "dark"),
)
LOCAL = ("file:", "data:", "blob:")

# Axes and grid do not count: a chart is drawn when marks of its data are.
UNDRAWN = """() => [...document.querySelectorAll("script[data-chart]")]
    .map((block) => block.dataset.chart)
    .filter((id) => {
      const target = document.getElementById(id);
      const box = target?.querySelector("svg, canvas")?.getBoundingClientRect();
      if (!box || box.width < 100 || box.height < 40) return true;
      const marks = target.querySelectorAll("svg .role-mark path, svg .role-mark text");
      return !target.querySelector("canvas") && ![...marks].some((mark) => mark.getBoundingClientRect().width > 0);
    })"""
STICKING_OUT = """() => {
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll("body *")]
      .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".scroll, pre"))
      .slice(0, 5)
      .map((e) => `${e.tagName}.${e.className.baseVal ?? e.className}`);
  }"""
CUT_OFF = """() => [...document.querySelectorAll(".chart svg")]
    .flatMap((svg) => {
      const box = svg.getBoundingClientRect();
      return [...svg.querySelectorAll("text")]
        .filter((t) => t.textContent && getComputedStyle(t).opacity !== "0")
        .map((t) => [t.textContent, t.getBoundingClientRect()])
        .filter(([, r]) => r.width && (r.left < box.left - 1 || r.right > box.right + 1))
        .map(([text]) => text);
    })"""


def watch(page: Page, problems: list[str]) -> None:
    """Collect what goes wrong while the page loads."""
    page.on(
        "console", lambda m: problems.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda r: None if r.url.startswith(LOCAL) else problems.append(f"request: {r.url}"))


def sideways(page: Page, when: str) -> list[str]:
    """A page wider than its window, with the elements that stick out."""
    if not page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        return []
    return [f"the page scrolls sideways {when}: {page.evaluate(STICKING_OUT)}"]


def check(browser: Browser, path: Path, view: tuple[str, int, int, str], screenshots: Path | None) -> list[str]:
    """What is wrong with one page in one view."""
    name, width, height, scheme = view
    problems: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    watch(page, problems)
    page.goto(path.resolve().as_uri(), wait_until="load")
    charts = page.locator("script[data-chart]").count()
    if charts:
        page.wait_for_function(
            "() => document.querySelectorAll('.chart svg, .chart canvas').length > 0", timeout=20_000
        )
    page.wait_for_timeout(400)
    problems += [f"chart not drawn: {chart}" for chart in page.evaluate(UNDRAWN)]
    problems += [f"text cut off in a chart: {text!r}" for text in page.evaluate(CUT_OFF)]
    problems += sideways(page, "as it opens")
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
        stem = "-".join(path.resolve().with_suffix("").parts[-3:])
        page.screenshot(path=screenshots / f"{stem}-{name}.png", full_page=True)
    page.evaluate("() => document.querySelectorAll('details').forEach((box) => (box.open = true))")
    problems += sideways(page, "with everything unfolded")
    context.close()
    print(f"{path} {name}: {charts} charts, {len(problems)} problems")
    return [f"{path} {name}: {problem}" for problem in problems]


def main() -> int:
    """Check every page in every view; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--screenshots", type=Path)
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        problems = [
            p for path in options.pages for view in VIEWS for p in check(browser, path, view, options.screenshots)
        ]
        browser.close()
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
