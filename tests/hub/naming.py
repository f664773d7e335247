"""Names of simulated repositories: made from their columns when asked for, and read back into a row number.

Every name but those of the named base models ends in its row number, so that a lookup needs no index.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.hub.columns import Columns
from tests.hub.population import Setting
from tests.hub.vocabulary import FINETUNE, NONE, SYLLABLES, WORDS


class Naming:
    """Ids of rows, rows of ids, and the old ids of renamed rows."""

    def __init__(self, setting: Setting, columns: Columns) -> None:
        self._columns = columns
        self._namespaces = setting.namespaces
        self._topics = [root.name for root in setting.named]
        self._words = [WORDS[kind] for kind in range(5)]
        self._given: dict[int, str] = {}
        named = np.flatnonzero(columns.named >= 0)
        self._named_rows = dict(zip(self.ids(named), named.tolist(), strict=True))
        self._old: dict[str, int] = {}
        self._lower: list[str] = []

    def author(self, code: int) -> str:
        """A namespace."""
        if code < len(self._namespaces):
            return self._namespaces[code]
        return f"{SYLLABLES[code % 16]}{SYLLABLES[code // 16 % 16]}-{code:x}"

    def authors(self, rows: npt.NDArray[np.integer]) -> list[str]:
        """Namespaces of rows."""
        return [self.author(code) for code in self._columns.author[rows].tolist()]

    def author_code(self, author: str) -> int | None:
        """The code of a namespace, None if there is none of this name."""
        if author in self._namespaces:
            return self._namespaces.index(author)
        code = _hexadecimal(author)
        return code if code is not None and code < 2**31 and self.author(code) == author else None

    def ids(self, rows: npt.NDArray[np.integer]) -> list[str]:
        """Present ids of rows."""
        columns = self._columns
        fields = zip(
            rows.tolist(),
            columns.author[rows].tolist(),
            columns.named[rows].tolist(),
            columns.topic[rows].tolist(),
            columns.relation[rows].tolist(),
            columns.word[rows].tolist(),
            columns.edition[rows].tolist(),
            strict=True,
        )
        return [f"{self.author(field[1])}/{self._name(*field)}" for field in fields]

    def find(self, repo_id: str) -> int | None:
        """The row that now has this id."""
        if (row := self._named_rows.get(repo_id)) is not None:
            return row
        row = _hexadecimal(repo_id)
        if row is None or row >= len(self._columns) or self.ids(np.array([row])) != [repo_id]:
            return None
        return row

    def renamed(self, repo_id: str) -> int | None:
        """The row that once had this id and has another now."""
        return None if self.find(repo_id) is not None else self._old.get(repo_id)

    def give(self, row: int, name: str) -> None:
        """Call a row by a name that does not end in its number."""
        self._given[row] = name
        self._named_rows[self.ids(np.array([row]))[0]] = row

    def rename(self, rows: npt.NDArray[np.integer], authors: npt.NDArray[np.integer] | None = None) -> None:
        """Give rows a new name, and a new author where one is given."""
        before = self.ids(rows)
        self._columns.edition[rows] += np.uint8(1)
        if authors is not None:
            self._columns.author[rows] = authors
        for row, old, new in zip(rows.tolist(), before, self.ids(rows), strict=True):
            self._old[old] = row
            if self._named_rows.pop(old, None) is not None:
                self._named_rows[new] = row
            if row < len(self._lower):
                self._lower[row] = new.lower()

    def containing(self, text: str) -> npt.NDArray[np.bool_]:
        """Which rows have a text in their id, upper or lower case."""
        known = len(self._lower)
        self._lower += [name.lower() for name in self.ids(np.arange(known, len(self._columns)))]
        wanted = text.lower()
        return np.fromiter((wanted in name for name in self._lower), dtype=np.bool_, count=len(self._lower))

    def _name(self, row: int, _author: int, named: int, topic: int, kind: int, word: int, edition: int) -> str:
        suffix = f"-v{edition + 1}" if edition else ""
        if named >= 0:
            return f"{self._topics[named]}{suffix}"
        if row in self._given:
            return f"{self._given[row]}{suffix}"
        # A word of a row that has since gained or lost its parent may be out of range of the new kind.
        words = self._words[FINETUNE if kind == NONE and topic >= 0 else kind]
        text = words[word % len(words)]
        return f"{self._topics[topic]}-{text}{suffix}-{row:x}" if topic >= 0 else f"{text}{suffix}-{row:x}"


def _hexadecimal(name: str) -> int | None:
    try:
        return int(name.rpartition("-")[2], 16)
    except ValueError:
        return None
