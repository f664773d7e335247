"""The catalogue of models.dev as its repository keeps it: one TOML file per provider and model, with inheritance.

Here belong how a model takes over what another states (`base_model`, and `extends` of the spring of 2026), and how the
files of a commit make the body of that commit: the api.json they are published as, cut down to what prices depend on,
so that two commits with the same prices make the same bytes. What a price means is the parser's to know.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

# The folder of models itself too: that of some providers is a link to another's.
PATHS = (
    ":(glob)providers/*/provider.toml",
    ":(glob)providers/*/models/**",
    ":(glob)providers/*/models",
    ":(glob)models/**",
)
PROVIDER_FILE = re.compile(r"providers/([^/]+)/provider\.toml")
OFFER_FILE = re.compile(r"providers/([^/]+)/models/(.+)\.toml", re.DOTALL)
MODEL_FILE = re.compile(r"models/(.+)\.toml", re.DOTALL)
PRICED = ("name", "status", "cost", "extends", "unreadable")
MAX_STEPS = 8  # of a model that extends one that extends another
MAX_LEVELS = 8  # of tables in tables
Model = dict[str, Any]


def inherited(model: Model, find: Callable[[str], Model | None]) -> Model:
    """A model with what it takes over from those it `extends`: tables are merged, all else is replaced.

    `omit` then takes out what the model does not share. A model whose `extends` leads nowhere, or in a circle, keeps
    that key: what it states itself is not all there is.
    """
    chain = [model]
    while "extends" in chain[-1]:
        origin = chain[-1]["extends"].get("from") if isinstance(chain[-1]["extends"], dict) else None
        base = find(origin) if isinstance(origin, str) else None
        if base is None or len(chain) > MAX_STEPS:
            return model
        chain.append(base)
    whole = chain.pop()
    for own in reversed(chain):
        rest = {key: value for key, value in own.items() if key != "extends"}
        whole = without(merged(whole, rest), own["extends"].get("omit"))
    return whole


def merged(base: Model, own: Model, levels: int = MAX_LEVELS) -> Model:
    """Both tables in one; where both hold a table under one name, those are merged too, else the own value holds."""
    whole = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(whole.get(key), dict)
        whole[key] = merged(whole[key], value, levels - 1) if both and levels else value
    return whole


def without(model: Model, paths: Any) -> Model:
    """The model without the values at these dotted paths, nor the tables that are empty without them."""
    for path in paths if isinstance(paths, list) else ():
        names = str(path).split(".")[:MAX_LEVELS]
        model = copied(model, names[:-1])
        tables = [model]
        for name in names[:-1]:
            inner = tables[-1].get(name)
            tables.append(inner if isinstance(inner, dict) else {})
        for name, table in zip(reversed(names), reversed(tables), strict=True):
            if name == names[-1] or not table.get(name, True):
                table.pop(name, None)
    return model


def copied(model: Model, names: Iterable[str]) -> Model:
    """A copy down one path of tables, so that a shared base stays as it is."""
    whole = table = dict(model)
    for name in names:
        if not isinstance(table.get(name), dict):
            break
        table[name] = dict(table[name])
        table = table[name]
    return whole


def body_of(files: Mapping[str, bytes]) -> bytes | None:
    """The body that the files of a commit make; None before there is any model."""
    providers: dict[str, Model] = {}
    offers: dict[str, dict[str, Model]] = {}
    models: dict[str, Model] = {}
    for path, content in sorted(files.items()):
        if match := PROVIDER_FILE.fullmatch(path):
            providers[match[1]] = read_toml(content)
        elif match := OFFER_FILE.fullmatch(path):
            offers.setdefault(match[1], {})[match[2]] = read_toml(content)
        elif match := MODEL_FILE.fullmatch(path):
            models[match[1]] = read_toml(content)

    def offer(name: str) -> Model | None:
        provider, _, model = name.partition("/")
        return offers.get(provider, {}).get(model)

    catalogue = {
        provider: {
            "id": provider,
            **({"name": stated["name"]} if "name" in stated else {}),
            "models": {
                name: {"id": name, **priced(described(inherited(model, offer), models))}
                for name, model in sorted(offers.get(provider, {}).items())
            },
        }
        for provider, stated in sorted(providers.items())
    }
    if not any(provider["models"] for provider in catalogue.values()):
        return None
    return json.dumps(catalogue, default=str, separators=(",", ":")).encode()


def described(model: Model, models: Mapping[str, Model]) -> Model:
    """A model with what its `base_model` says of it wherever it is offered."""
    base = models.get(str(model["base_model"])) if "base_model" in model else None
    return without(merged(base, model), model.get("base_model_omit")) if base else model


def priced(model: Model) -> Model:
    """What prices depend on; an `experimental` without modes says nothing of them."""
    experimental = model.get("experimental")
    modes = experimental.get("modes") if isinstance(experimental, dict) else None
    kept = {key: model[key] for key in PRICED if key in model}
    return kept | {"experimental": {"modes": modes}} if modes else kept


@lru_cache(maxsize=50_000)
def read_toml(content: bytes) -> Model:
    """The values of a file. One that is no TOML gives its error under `unreadable`, which the parser rejects.

    What is given back is shared and must not be changed.
    """
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        return {"unreadable": f"{type(error).__name__}: {error}"[:300]}
