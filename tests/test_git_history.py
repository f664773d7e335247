"""The history of a repository as dated captures: real small repositories, made here, honest and hostile ones."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.lib.archive import Archive, Capture
from pipelines.lib.folder import DataFolder
from pipelines.lib.git_history import GitImport, import_git
from pipelines.lib.importing import ImportRefused, import_files
from pipelines.lib.registry import find_source
from pipelines.lib.source import FromGit, Origin, Row, Source
from tests.small_sources import small_source

Write = Mapping[str, bytes | None]
MODEL = "providers/acme/models/acme-1.toml"


class Repository:
    """A repository that is committed to as if at given times."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, at: str = "2026-01-01T00:00:00Z", told: str | None = None) -> str:
        who = {
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "c",
            "GIT_COMMITTER_EMAIL": "c@d",
        }
        times = {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "GIT_COMMITTER_DATE": at}
        own = {"PATH": os.environ["PATH"], "HOME": str(self.folder.parent), "GIT_CONFIG_NOSYSTEM": "1"}
        env = own | who | times
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=env, check=True, capture_output=True, text=True, input=told
        )
        return done.stdout.strip()

    def commit(self, at: str, files: Write) -> str:
        """Write these files, delete those that are None, and commit all; gives the name of the commit."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "m", at=at)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "models.dev")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "raw")


def toml(price: str) -> bytes:
    return f'name = "Acme 1"\n[cost]\ninput = {price}\noutput = 2\n'.encode()


def file_source(**changes: Any) -> Source:
    """A source whose body is one file."""
    how = FromGit(("prices.json",), lambda files: files.get("prices.json"))
    return replace(small_source(), from_git=how, **changes)


def bodies(archive: Archive, found: GitImport) -> list[tuple[str, bytes]]:
    return [(f"{item.captured_at:%Y-%m-%d %H:%M}", archive.body(item.documents[0])) for item in found.captures]


def rows_of(source: Source, archive: Archive, captures: list[Capture]) -> list[list[dict[str, Any]]]:
    documents = [archive.document(item, item.documents[0]) for item in captures]
    return [[dict(item.values) for item in source.parse(document) if isinstance(item, Row)] for document in documents]


def test_each_commit_that_changes_the_body_is_a_capture(repository: Repository, archive: Archive) -> None:
    first = repository.commit("2026-01-01T10:00:00+08:00", {"prices.json": b"1", "README": b"x"})
    repository.commit("2026-01-02T00:00:00Z", {"README": b"y"})
    repository.commit("2026-01-03T00:00:00Z", {"prices.json": b"2"})
    repository.commit("2026-01-04T00:00:00Z", {"prices.json": None})
    repository.commit("2026-01-05T00:00:00Z", {"prices.json": b"2"})
    last = repository.commit("2026-01-06T00:00:00Z", {"prices.json": b"1"})
    found = import_git(file_source(), archive, repository.folder, where_from="acme/models.dev")
    assert bodies(archive, found) == [
        ("2026-01-01 02:00", b"1"),
        ("2026-01-03 00:00", b"2"),
        ("2026-01-06 00:00", b"1"),
    ]
    assert found.captures[0].origin is Origin.IMPORTED
    assert found.captures[0].origin_note == f"git models.dev {first}, acme/models.dev"
    assert found.captures[2].documents[0].url == f"git:models.dev@{last}"
    again = import_git(file_source(), archive, repository.folder, where_from="acme/models.dev")
    assert [item.capture_id for item in again.captures] == [item.capture_id for item in found.captures]
    assert len(archive.captures("acme_prices")) == 3


def test_days_and_spans_can_be_chosen(repository: Repository, archive: Archive) -> None:
    times = ["2026-01-01T01:00:00Z", "2026-01-01T23:59:59Z", "2026-01-02T12:00:00Z", "2026-01-03T00:00:00Z"]
    for number, at in enumerate(times):
        repository.commit(at, {"prices.json": b"%d" % number})

    def chosen(**options: Any) -> list[bytes]:
        return [body for _, body in bodies(archive, import_git(file_source(), archive, repository.folder, **options))]

    def day(number: int) -> datetime:
        return datetime(2026, 1, number, tzinfo=UTC)

    assert chosen() == [b"0", b"1", b"2", b"3"]
    assert chosen(daily=True) == [b"1", b"2", b"3"]
    assert chosen(since=day(2)) == [b"2", b"3"]
    assert chosen(until=day(2)) == [b"0", b"1", b"2"]
    assert chosen(since=day(2), until=datetime(2026, 1, 2, 11, tzinfo=UTC)) == []


def test_of_two_commits_in_one_second_the_later_one_counts(repository: Repository, archive: Archive) -> None:
    for content in (b"1", b"2"):
        repository.commit("2026-01-01T00:00:00Z", {"prices.json": content})
    assert bodies(archive, import_git(file_source(), archive, repository.folder)) == [("2026-01-01 00:00", b"2")]


def test_what_a_branch_tried_counts_when_it_is_merged(repository: Repository, archive: Archive) -> None:
    repository.commit("2026-01-01T00:00:00Z", {"prices.json": b"1"})
    repository.git("checkout", "-q", "-b", "draft")
    repository.commit("2026-01-02T00:00:00Z", {"prices.json": b"wrong"})
    repository.commit("2026-01-03T00:00:00Z", {"prices.json": b"2"})
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "m", "draft", at="2026-01-04T00:00:00Z")
    found = import_git(file_source(), archive, repository.folder)
    assert bodies(archive, found) == [("2026-01-01 00:00", b"1"), ("2026-01-04 00:00", b"2")]


def test_links_among_the_files_are_followed_and_others_are_not(repository: Repository, archive: Archive) -> None:
    repository.commit(
        "2026-01-01T00:00:00Z",
        {"providers/acme/provider.toml": b'name = "Acme"', MODEL: toml("1"), "providers/acme-cn/provider.toml": b""},
    )
    (repository.folder / "providers/acme-cn/models").symlink_to("../acme/models")
    (repository.folder / "providers/acme/models/alias.toml").symlink_to("acme-1.toml")
    (repository.folder / "providers/acme/models/outside.toml").symlink_to("/etc/passwd")
    (repository.folder / "providers/acme/models/above.toml").symlink_to("../../../../../etc/passwd")
    (repository.folder / "providers/acme/models/round.toml").symlink_to("round.toml")
    repository.commit("2026-01-02T00:00:00Z", {})
    found = import_git(find_source("models_dev"), archive, repository.folder)
    assert "passwd" not in str(bodies(archive, found))
    catalogue = json.loads(archive.body(found.captures[-1].documents[0]))
    assert {name: sorted(held["models"]) for name, held in catalogue.items()} == {
        "acme": ["acme-1", "alias"],
        "acme-cn": ["acme-1"],
    }


def test_a_walk_gives_the_same_rows_as_the_dated_bodies_of_its_commits(
    repository: Repository, archive: Archive, tmp_path: Path
) -> None:
    source = find_source("models_dev")
    provider = {"providers/acme/provider.toml": b'name = "Acme"\nenv = ["K"]\n'}
    tier = b"[[cost.tiers]]\ntier = { size = 200_000 }\ninput = 3.5\noutput = 7\n"
    repository.commit("2026-01-31T09:00:00Z", provider | {MODEL: toml("1.50")})
    repository.commit("2026-02-28T09:00:00Z", {MODEL: b'status = "deprecated"\n' + toml("1.25") + tier})
    walked = rows_of(source, archive, import_git(source, archive, repository.folder).captures)

    cheap: dict[str, Any] = {"name": "Acme 1", "cost": {"input": 1.5, "output": 2}, "release_date": "2025-01-01"}
    tiered = {"tier": {"type": "context", "size": 200000}, "input": 3.5, "output": 7}
    dear = {"name": "Acme 1", "status": "deprecated", "cost": {"input": 1.25, "output": 2, "tiers": [tiered]}}
    paths = [tmp_path / "2026-01-31.json", tmp_path / "2026-02-28.json"]
    for path, model in zip(paths, (cheap, dear), strict=True):
        path.write_text(json.dumps({"acme": {"name": "Acme", "models": {"acme-1": model}}}))
    dated = rows_of(source, archive, import_files(source, archive, paths, captured_at=None, where_from=None))
    assert walked == dated
    assert [len(rows) for rows in walked] == [2, 4]


def test_bodies_that_cannot_be_are_left_out_with_the_reason(repository: Repository, archive: Archive) -> None:
    repository.commit("2026-01-01T00:00:00Z", {"prices.json": b"1"})
    gone = repository.commit("2026-01-02T00:00:00Z", {"prices.json": b"lost"})
    later = repository.commit("2099-01-03T00:00:00Z", {"prices.json": b"3"})
    lose(repository, gone)
    found = import_git(file_source(), archive, repository.folder)
    assert bodies(archive, found) == [("2026-01-01 00:00", b"1")]
    assert found.left_out == [
        f"{gone[:12]}: prices.json is not in the repository",
        f"{later[:12]}: committed at 2099-01-03 00:00, which is in the future",
    ]


def lose(repository: Repository, commit: str) -> None:
    """Take the file of a commit out of the repository's objects."""
    blob = repository.git("rev-parse", f"{commit}:prices.json")
    path = repository.folder / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.unlink()


def sign(repository: Repository) -> str:
    """Give the newest commit a signature that asks to be checked."""
    head, _, message = repository.git("cat-file", "commit", "HEAD").partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----"
    told = f"{head}\n{signature}\n\n{message}\n"
    commit = repository.git("hash-object", "-t", "commit", "-w", "--stdin", told=told)
    repository.git("update-ref", "refs/heads/main", commit)
    return commit


def test_nothing_of_the_repository_is_run(repository: Repository, archive: Archive, tmp_path: Path) -> None:
    repository.commit("2026-01-01T00:00:00Z", {"prices.json": b"1", ".gitattributes": b"* diff=evil filter=evil\n"})
    repository.commit("2026-01-02T00:00:00Z", {"prices.json": b"2"})
    lost = sign(repository)
    evil = tmp_path / "evil.sh"
    ran = tmp_path / "ran"
    evil.write_text(f"#!/bin/sh\necho ran >> {ran}\nexit 1\n")
    evil.chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external", "diff.evil.command"),
        *("diff.evil.textconv", "filter.evil.smudge", "filter.evil.clean", "gpg.program", "pager.log", "alias.log"),
    ):
        repository.git("config", key, str(evil) if not key.startswith("alias") else f"!{evil}")
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "remote.origin.url", f"ext::{evil}")
    repository.git("config", "protocol.ext.allow", "always")
    repository.git("config", "remote.origin.promisor", "true")
    repository.git("config", "core.repositoryFormatVersion", "1")
    repository.git("config", "extensions.partialClone", "origin")
    hooks = repository.folder / ".git/hooks"
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        (hooks / name).write_text(evil.read_text())
        (hooks / name).chmod(0o755)
    lose(repository, lost)
    found = import_git(file_source(), archive, repository.folder)
    assert bodies(archive, found) == [("2026-01-01 00:00", b"1")]
    assert found.left_out == [f"{lost[:12]}: prices.json is not in the repository"]
    assert not ran.exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda repository: repository.folder / "nothing", "is not a git repository"),
        (lambda repository: subfolder(repository), "is not a git repository"),
        (lambda repository: damaged(repository), "git cannot read the history"),
    ],
)
def test_what_is_no_repository_is_refused(
    repository: Repository, archive: Archive, spoil: Callable[[Repository], Path], said: str
) -> None:
    repository.commit("2026-01-01T00:00:00Z", {"sub/prices.json": b"1"})
    with pytest.raises(ImportRefused, match=said):
        import_git(file_source(), archive, spoil(repository))
    assert not archive.captures("acme_prices")


def subfolder(repository: Repository) -> Path:
    return repository.folder / "sub"


def damaged(repository: Repository) -> Path:
    (repository.folder / ".git/HEAD").write_text("ref: refs/heads/gone\n")
    return repository.folder


def test_files_over_the_limit_are_refused(repository: Repository, archive: Archive) -> None:
    repository.commit("2026-01-01T00:00:00Z", {"prices.json": b"x" * 2_000})
    with pytest.raises(ImportRefused, match="more than the limit of 1000"):
        import_git(file_source(max_bytes=1_000), archive, repository.folder)


def test_the_command_takes_a_repository(folder: DataFolder, repository: Repository, tmp_path: Path) -> None:
    repository.commit("2026-01-01T00:00:00Z", {"providers/acme/provider.toml": b'name = "Acme"', MODEL: toml("1.5")})
    repository.commit("2026-01-01T12:00:00Z", {MODEL: toml("1.4")})
    repository.commit("2099-01-01T12:00:00Z", {MODEL: toml("1.3")})
    bare = tmp_path / "bare.git"
    repository.git("clone", "-q", "--bare", str(repository.folder), str(bare))
    for path in (repository.folder, bare):
        result = CliRunner().invoke(app, ["import", "models_dev", "--git", str(path), "--daily", "--no-build"])
        assert result.exit_code == 0
        assert "1 capture(s) of models_dev" in result.stdout
        assert "which is in the future" in result.stderr
    assert len(folder.archive.captures("models_dev")) == 2
    for words in (["--git", str(bare), "x.json"], ["--daily", "x.json"], [], ["--git", str(bare), "--label", "main"]):
        assert CliRunner().invoke(app, ["import", "models_dev", *words]).exit_code == 2
    result = CliRunner().invoke(app, ["import", "openrouter_models", "--git", str(bare), "--no-build"])
    assert (result.exit_code, "is not read from a repository" in result.stderr) == (1, True)


def test_a_worktree_and_the_other_lists_can_be_walked(repository: Repository, archive: Archive, tmp_path: Path) -> None:
    price = [{"id": "claude-1", "vendor": "anthropic", "name": "Claude 1", "input": 1, "output": 2}]
    genai = [{"id": "anthropic", "models": [{"id": "claude-1", "prices": {"input_mtok": 1}}]}]
    vendor = {"vendor": "anthropic", "models": [{"id": "claude-1", "name": "C", "price_history": price}]}
    costs = {"claude-1": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 1e-06}}
    files = {
        "prices/data.json": json.dumps(genai).encode(),
        "data/anthropic.json": json.dumps(vendor).encode(),
        "model_prices_and_context_window.json": json.dumps(costs).encode(),
    }
    repository.commit("2026-01-01T00:00:00Z", files)
    worktree = tmp_path / "worktree"
    repository.git("worktree", "add", "-q", str(worktree))
    for name in ("genai_prices", "llm_prices", "litellm"):
        source = find_source(name)
        ((first, *_),) = rows_of(source, archive, import_git(source, archive, worktree).captures)
        assert (first["provider"], first["listing"], first["amount_per_mtok"]) == ("anthropic", "claude-1", 1), name
