"""Every fixture folder of every source gives what its expected.json says; a source without fixtures fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.lib.registry import load_sources
from tests.fixture_cases import FIXTURES, cases, find_source, run_case

CASES = list(cases())


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}/{case.name}" for name, case in CASES])
def test_case_gives_what_is_expected(name: str, case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    assert run_case(find_source(name), case) == expected


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}/{case.name}" for name, case in CASES])
def test_parsing_twice_gives_the_same(name: str, case: Path) -> None:
    source = find_source(name)
    assert run_case(source, case) == run_case(source, case)


@pytest.mark.parametrize("name", load_sources())
def test_source_has_good_and_bad_fixtures(name: str) -> None:
    outcomes = [json.loads(path.read_text()) for path in FIXTURES.glob(f"{name}/*/expected.json")]
    assert [item for item in outcomes if item.get("rows")], "no fixture with rows"
    assert [item for item in outcomes if "bad_document" in item or item.get("rejects")], "no fixture of bad input"
