"""A simulated population of the Hub of any size up to 3 million models, the same for the same seed.

Only names of base models are real (see `families`); every repository, count and date of derivatives is drawn. What
the draws follow, and where that comes from:

* Growth: 29,432 models on 2022-02-21 (complete dump), all with the ids 621ffdc0.. of the backfill; "over" 50K 2022-06,
  60K 2022-08, 120k 2023-01, 350k 2023-11, 900k 2024-09, 1.7M 2025-05, 2M 2025-10 (history of the Hub's documentation
  index); 30,400 at the backfill is the dump carried on by ten days;
  2.97M on 2026-08-07 (rows of the hub-stats table); 3,600 a day since (newest 1,000 models of 2026-09-20).
  A smaller population is this one thinned out.
* Parents: 31 % of repositories have one (Laufer et al., arXiv 2508.06811, whole Hub of July 2025: 573,653 edges of
  1,860,411 models, "at least 69 % of repositories have no parent"). The 43.7 % seen in August 2026 were popular,
  tagged models, so are not used. Edges by relation, same source: adapter 42.1 %, finetune 33.0 %, quantized 17.8 %,
  merge 7.1 %; rows that have children themselves: finetune 7.9 %, quantized 1.0 %, adapter 0.2 %.
* Parents of a merge: 2 to 47, as on 1,115 merges of the hub-stats rows.
* Imperfect lineage: 2.6 % of cards with a parent lead to none, wrong case among them; 1.5 % name two of which the Hub
  keeps one; 0.6 % have the plain tag only (5 of 783); 0.2 % name themselves (5 of 2,586). Deleted parents: 1.5 % of
  those that have children, and cycles, 1 in 20,000 derivatives: assumptions, the sample has none longer than one.
* Downloads: quantiles below, between two published facts: top 1 % with 95.3 % and 30.5 % zeros (2022 dump), top 1 %
  with 99 % and more than 70 % zeros (348,181 models, 2024). The largest is all-MiniLM-L6-v2's 255M of July 2026.
* Repositories per author: on average 3.6, median 1, 90 % have at most 5, 99 % at most 35 (2022 dump).
* Likes: 92 % have none (2022 dump); the slope over downloads is that of the 4,167 hub-stats rows (0.48 in logs).
* Time from creation to last change: quantiles of the hub-stats rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from tests.hub import hashing, lineage, vocabulary
from tests.hub.columns import Columns
from tests.hub.families import LARGE, Root, roots, weights_at
from tests.hub.hashing import Floats, Rows, choice, normal, uniform
from tests.hub.vocabulary import ADAPTER, FINETUNE, MERGE, NONE, QUANTIZED

FIRST_SECOND = int(datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC).timestamp())
BACKFILL = 0x36468D709F << 24
GROWTH = (
    ("2022-03-03", 30_400), ("2022-06-01", 50_000), ("2022-08-01", 60_000), ("2023-01-01", 120_000),
    ("2023-11-01", 350_000), ("2024-09-01", 900_000), ("2025-05-01", 1_700_000), ("2025-10-01", 2_000_000),
    ("2026-08-07", 2_970_000),
)  # fmt: skip
NEW_A_DAY = 3_600
WITH_PARENT = 0.31
# Share of repositories whose 30-day downloads are at most so many. The first two only shape what rounds to zero.
DOWNLOAD_QUANTILES = (
    (0.02, 0.005), (0.40, 0.15), (0.60, 0.4), (0.75, 1.4), (0.90, 14), (0.97, 400), (0.99, 9_000), (0.999, 450_000),
    (0.9999, 6e6), (0.9999997, 2.55e8),
)  # fmt: skip
CHANGE_LAG = ((0, 0.1, 0.25, 0.5, 0.75, 0.9, 1), (0, 0.0035, 0.032, 3.8, 48, 200, 900))
MODELS_PER_AUTHOR = 3.6
FIELDS = {"bert": "encoder", "diffusion": "image", "speech": "speech"}


@dataclass(frozen=True)
class Setting:
    """What a population is made from."""

    models: int = 3_000_000
    seed: int = 1
    start: date = date(2026, 9, 1)

    @property
    def named(self) -> tuple[Root, ...]:
        """Named base models that are out at the start; a small population has only the best known ones."""
        known = [root for root in roots() if root.released < self.start]
        return tuple(known[: max(self.models // 4, 1)])

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Authors with a real name."""
        return tuple(dict.fromkeys([*(root.namespace for root in self.named), *vocabulary.QUANTISERS]))

    @property
    def new_a_day(self) -> int:
        """Repositories made on one day, in proportion."""
        return max(round(NEW_A_DAY * self.models / models_on(self.start)), 1)


def models_on(day: date) -> float:
    """Size of the real Hub."""
    return float(np.interp(_seconds(day), *_growth(day)))


def generate(setting: Setting) -> Columns:
    """The whole population as it stands at midnight of the first day."""
    named = setting.named
    own = np.array([max(_seconds(root.released), FIRST_SECOND) for root in named], dtype=np.int64)
    times = np.concatenate([own, _creation_times(setting, setting.models - len(named))])
    order = np.argsort(times, kind="stable")
    columns = Columns.blank(len(times))
    columns.created = times[order].astype(np.uint32)
    columns.named = np.where(order < len(named), order, -1).astype(np.int16)
    columns.public_at = columns.created.copy()
    _fill(setting, columns, np.arange(len(columns)))
    lineage.link(setting.seed, columns, np.arange(len(columns)))
    lineage.spoil(setting.seed, columns)
    _rates(setting, columns)
    return columns


def newborn(setting: Setting, columns: Columns, day: date, count: int | None = None) -> Rows:
    """Append the repositories made on a day, and say which rows they are."""
    count = setting.new_a_day if count is None else count
    rows = np.arange(len(columns), len(columns) + count)
    more = Columns.blank(count)
    within = np.sort(uniform(setting.seed, "time of birth", rows))
    more.created = (_seconds(day) + within * 86_400).astype(np.uint32)
    # Some are made in private and come out days later, with the date on which they were made.
    late = uniform(setting.seed, "private at first", rows)
    delay = np.where(late < 0.03, late / 0.03 * 9 * 86_400, 0)
    more.public_at = (more.created + delay).astype(np.uint32)
    columns.append(more)
    _fill(setting, columns, rows)
    lineage.link(setting.seed, columns, rows)
    columns.rate[rows] = _rate_of(normal(setting.seed, "fame", rows))
    return rows


def _fill(setting: Setting, columns: Columns, rows: Rows) -> None:
    """Everything of new rows that does not depend on other rows."""
    seed, named = setting.seed, setting.named
    columns.tail[rows] = _id_tail(seed, columns.created[rows], rows)
    is_named = columns.named[rows] >= 0
    kind = _kinds(seed, rows)
    kind[is_named] = NONE
    columns.relation[rows] = kind
    topic = _topics(setting, columns.created[rows], kind, rows)
    columns.topic[rows] = np.where(is_named, columns.named[rows], topic)
    columns.prolific[rows] = uniform(seed, "prolific", rows) < np.array(lineage.PROLIFIC)[kind]
    columns.author[rows] = _authors(setting, columns, rows)
    columns.head[rows] = _heads(seed, columns, rows, named)
    columns.word[rows] = _words(seed, columns, rows)
    columns.bundle[rows] = hashing.bits(seed, "bundle", rows) % np.uint64(vocabulary.BUNDLES)
    columns.licence[rows] = _licences(seed, columns, rows, named)
    gated_root = np.array([root.licence.startswith(("llama", "gemma")) for root in named])
    gate = np.where(uniform(seed, "gate", rows) < 0.006, 1 + (rows % 2), 0)
    columns.gate[rows] = np.where(is_named & gated_root[columns.named[rows]], 2, gate)
    size = np.exp(19.5 + 1.8 * normal(seed, "size", rows)).astype(np.int64)
    of_root = np.array([root.parameters for root in named])[columns.topic[rows]]
    columns.parameters[rows] = np.where((columns.topic[rows] >= 0) & (of_root > 0), of_root, size)
    lag = (np.interp(uniform(seed, "change", rows), *CHANGE_LAG) * 86_400).astype(np.int64)
    # What would lie in the future is folded back into the life of the repository so far.
    lived = np.maximum(_seconds(setting.start) - columns.created[rows].astype(np.int64), 1)
    columns.modified[rows] = columns.created[rows] + lag % lived


def _kinds(seed: int, rows: Rows) -> npt.NDArray[np.uint8]:
    """No parent, or the relation to it. A merge counts as often among edges as it has parents."""
    of_edges = np.array([0.421, 0.330, 0.178, 0.071 / lineage.MEAN_MERGE_PARENTS])
    # A few more than wanted: some derivatives state their parent only in the card.
    with_parent = WITH_PARENT / (1 - lineage.CARD_ONLY_SHARE)
    weights = [1 - with_parent, *(with_parent * of_edges / of_edges.sum())]
    return choice(weights, uniform(seed, "kind", rows)).astype(np.uint8)


def _topics(setting: Setting, created: npt.NDArray[np.uint32], kind: npt.NDArray[np.uint8], rows: Rows) -> Rows:
    """The named base model a row goes back to. Some have it in their name and state no parent; a fifth has none."""
    draws = uniform(setting.seed, "topic", rows)
    part = uniform(setting.seed, "has a topic", rows)
    wanted = np.where(kind == NONE, part < 0.12, part < 0.80)
    months = created.astype("datetime64[s]").astype("datetime64[M]")
    topics = np.full(len(rows), -1)
    for month in np.unique(months):
        here = wanted & (months == month)
        weights = weights_at(setting.named, month.astype("datetime64[D]").astype(date))
        if weights.sum():
            topics[here] = choice(weights, draws[here])
    return topics


def _authors(setting: Setting, columns: Columns, rows: Rows) -> Rows:
    seed, namespaces = setting.seed, setting.namespaces
    people = max(setting.models / MODELS_PER_AUTHOR, 10)
    # The cube of a uniform number has the tail of the 2022 dump: median 1, 90 % up to 5, 99 % up to 35.
    code = len(namespaces) + (uniform(seed, "author", rows) ** 3 * people).astype(np.int64)
    farm = [namespaces.index(name) for name in vocabulary.QUANTISERS]
    picked = np.array(farm)[choice([48, 10, 8, 5, 6, 12, 11], uniform(seed, "farm", rows))]
    is_farm = (columns.relation[rows] == QUANTIZED) & (uniform(seed, "is a farm", rows) < 0.5)
    code = np.where(is_farm, picked, code)
    of_root = np.array([namespaces.index(root.namespace) for root in setting.named])
    return np.where(columns.named[rows] >= 0, of_root[columns.named[rows]], code)


def _heads(seed: int, columns: Columns, rows: Rows, named: tuple[Root, ...]) -> Rows:
    """Library, task and format: of the relation, and of the field of the base model where there is one."""
    kind, draws = columns.relation[rows], uniform(seed, "head", rows)
    fields = np.array([*(FIELDS.get(root.family, "language") for root in named), "any"])[columns.topic[rows]]
    result = np.zeros(len(rows), dtype=np.int64)
    for number in (NONE, ADAPTER, FINETUNE, QUANTIZED, MERGE):
        for field in ("language", "image", "encoder", "speech", "any"):
            here = (kind == number) & (fields == field)
            result[here] = choice(_head_weights(number, field), draws[here])
    of_family = np.array([_head_of_family(root.family) for root in named])
    return np.where(columns.named[rows] >= 0, of_family[columns.named[rows]], result)


def _head_weights(kind: int, field: str) -> list[float]:
    fits = [head.kind == kind and (field == "any" or head.field in (field, "any")) for head in vocabulary.HEADS]
    if not any(fits):
        fits = [head.kind == kind for head in vocabulary.HEADS]
    return [head.weight * fit for head, fit in zip(vocabulary.HEADS, fits, strict=True)]


def _head_of_family(family: str) -> int:
    task = {"bert": "fill-mask", "speech": "automatic-speech-recognition", "diffusion": "text-to-image"}
    wanted = task.get(family, "text-generation")
    return next(i for i, head in enumerate(vocabulary.HEADS) if head.kind == NONE and head.task == wanted)


def _words(seed: int, columns: Columns, rows: Rows) -> Rows:
    """The last word of the name; a quantised repository's names its format."""
    kind, head = columns.relation[rows], columns.head[rows]
    sizes = np.array([len(vocabulary.WORDS[number]) for number in range(5)])
    words: Rows = (uniform(seed, "word", rows) * sizes[kind]).astype(np.int64)
    packed = np.array(["gguf" in item.formats for item in vocabulary.HEADS])[head] & (kind == QUANTIZED)
    other = (kind == QUANTIZED) & ~packed
    words[packed] = words[packed] % vocabulary.GGUF_WORDS
    words[other] = np.maximum(words[other], vocabulary.GGUF_WORDS)
    return words


def _licences(seed: int, columns: Columns, rows: Rows, named: tuple[Root, ...]) -> Rows:
    """A base model's own; a derivative's that of its base in half of the cases, else another or none."""
    other = vocabulary.LICENCES.index("other")
    known = {licence: code for code, licence in enumerate(vocabulary.LICENCES)}
    of_root = np.array([known.get(root.licence, other) for root in named])[columns.topic[rows]]
    free = choice(vocabulary.FREE_LICENCE_WEIGHTS, uniform(seed, "licence", rows))
    inherits = (columns.topic[rows] >= 0) & (uniform(seed, "licence kept", rows) < 0.5)
    return np.where((columns.named[rows] >= 0) | inherits, of_root, free)


def _rates(setting: Setting, columns: Columns) -> None:
    """Downloads a day. The spread is given; who is on top is not: named base models are, by their weight."""
    rows = np.arange(len(columns))
    fame = normal(setting.seed, "fame", rows)
    named = np.flatnonzero(columns.named >= 0)
    weight = np.array([LARGE.get(root.name, 1.0) for root in setting.named])[columns.named[named]]
    standing = fame.copy()
    standing[named] = 3 + 0.5 * np.log(weight) + fame[named]
    # The largest draws go to the rows of the highest standing.
    columns.rate[np.argsort(standing, kind="stable")] = np.sort(_rate_of(fame))


def _rate_of(fame: Floats) -> npt.NDArray[np.float32]:
    places = [NormalDist().inv_cdf(share) for share, _ in DOWNLOAD_QUANTILES]
    return (np.exp(np.interp(fame, places, np.log([count for _, count in DOWNLOAD_QUANTILES]))) / 30).astype(np.float32)


def _id_tail(seed: int, created: npt.NDArray[np.uint32], rows: Rows) -> npt.NDArray[np.uint64]:
    """Five bytes of the server's process and a counter of three, as in every id of the Hub's database."""
    process = rows % 6 + (created // np.uint32(7 * 86_400)).astype(np.int64) * 6
    machine = hashing.bits(seed, "process", process) >> np.uint64(24) << np.uint64(24)
    counter = hashing.bits(seed, "counter", rows) >> np.uint64(40)
    first = BACKFILL + 0x170000 + rows
    return np.where(created <= FIRST_SECOND + 1, first.astype(np.uint64), machine | counter)


def _creation_times(setting: Setting, count: int) -> Rows:
    seconds, sizes = _growth(setting.start)
    total = models_on(setting.start)
    times = np.interp((np.arange(count) + 0.5) / count * total, sizes, seconds).astype(np.int64)
    backfill = times <= FIRST_SECOND
    return np.where(backfill, FIRST_SECOND + (np.arange(count) % 2), times)


def _growth(until: date) -> tuple[list[int], list[float]]:
    knots = [(_seconds(date.fromisoformat(day)), float(size)) for day, size in GROWTH]
    last = knots[-1]
    later = max(_seconds(until) - last[0], 0)
    knots.append((last[0] + later + 1, last[1] + NEW_A_DAY * later / 86_400 + 1e-3))
    # Everything older than the first id was given that id's second.
    return [FIRST_SECOND, FIRST_SECOND, *(at for at, _ in knots)], [0.0, knots[0][1] - 1, *(size for _, size in knots)]


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
