"""The reviewed facts in `warehouse/seeds/`: organisations, namespaces, families, models and their names.

Here belong the contracts of these files, rules that reach over several of them, and facts that must never change
by accident. The seeds of other subjects (benchmarks, feeds, watch list) have their own tests.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from pipelines.lib.registry import load_sources

Row = dict[str, str]

SEEDS = Path(__file__).parents[1] / "warehouse" / "seeds"
SHARED = Path(__file__).resolve().parents[2] / "shared"
NAMES = ("organisation", "hub_namespace", "family", "family_rule", "model", "model_alias", "provider")
WATCHED = {
    "alibaba", "meta", "deepseek", "mistral", "google", "moonshot", "zai", "minimax", "openai", "microsoft", "nvidia",
    "ai2", "ibm",
}  # fmt: skip
WATCHED_FAMILIES = {
    "qwen", "llama", "deepseek", "mistral", "gemma", "kimi", "glm", "minimax", "gpt-oss", "phi", "nemotron", "olmo",
    "granite",
}  # fmt: skip
LICENCE_CLASSES = {
    "apache-2.0": "open",
    "mit": "open",
    "modified-mit": "restricted",
    "llama3.1": "restricted",
    "gemma": "restricted",
    "cc-by-nc-4.0": "non_commercial",
    "mrl": "non_commercial",
    "qwen-research": "non_commercial",
}


def read(name: str) -> list[Row]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(name: str) -> dict[str, str]:
    """The contract in the .sql file beside a seed: grain and columns."""
    text = (SEEDS / f"{name}.sql").read_text(encoding="utf-8")
    found = {key: value for key, value in re.findall(r"^-- (grain): (.+)$", text, re.M)}
    return found | dict(re.findall(r"^-- column: (\w+) (.+?) \|", text, re.M))


def normalise(name: str) -> str:
    """The form in which names are compared, as `normalise_name` of the warehouse makes it."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower().replace("+", "-plus-")).strip("-")


MODELS = {row["model_id"]: row for row in read("model")}
ALIASES = read("model_alias")


@pytest.mark.parametrize("name", NAMES)
def test_file_keeps_its_contract(name: str) -> None:
    contract = header(name)
    key = tuple(contract.pop("grain").split(", "))
    rows = read(name)
    assert list(rows[0]) == list(contract)
    keys = [tuple(row[column] for column in key) for row in rows]
    assert keys == sorted(keys), "sorted by key"
    assert [found for found, count in Counter(keys).items() if count > 1] == []
    for row in rows:
        for column, kind in contract.items():
            value = row[column]
            assert value == value.strip()
            assert value or " null" in kind, f"{column} is empty: {row}"
            allowed = re.search(r" in \(([^)]*)\)", kind)
            assert not allowed or value in allowed[1].split(", "), f"{column}: {value}"
            if value and kind.startswith("DOUBLE"):
                assert float(value) > 0
            if value and kind.startswith("DATE"):
                assert date(2018, 1, 1) <= date.fromisoformat(value) <= date(2026, 12, 31)
            if kind.startswith("BOOLEAN"):
                assert value in {"true", "false"}


@pytest.mark.parametrize("name", NAMES)
def test_file_is_written_as_every_tool_reads_it(name: str) -> None:
    body = (SEEDS / f"{name}.csv").read_bytes()
    assert not body.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in body
    assert body.endswith(b"\n")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    # A cell that starts a formula is not safe in a spreadsheet.
    assert [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@"}] == []


@pytest.mark.parametrize("name", NAMES)
def test_references_exist(name: str) -> None:
    for column, kind in header(name).items():
        target = re.search(r"references seeds\.(\w+)\.(\w+)", kind)
        if target:
            known = {row[target[2]] for row in read(target[1])}
            assert {row[column] for row in read(name)} - known - {""} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_where_it_is_from(name: str) -> None:
    for row in read(name):
        assert len(row["source"]) >= 10, row
        # Names of private notes, local files and addresses lead nobody to the fact.
        assert not re.search(r"\.md\b|notes/|/work|https?://|\?\?\?|TODO", row["source"]), row


def test_watched_families_and_regions() -> None:
    families = {row["family_id"]: row for row in read("family")}
    assert set(families) >= WATCHED_FAMILIES
    assert {families[family]["organisation_id"] for family in WATCHED_FAMILIES} == WATCHED
    assert {row["family_id"] for row in read("family_rule")} >= WATCHED_FAMILIES
    regions = {row["organisation_id"]: row["region"] for row in read("organisation")}
    assert regions["alibaba"] == regions["zai"] == regions["minimax"] == "china"
    assert regions["mistral"] == "eu"
    assert regions["cohere"] == "other"
    assert {row["country"] for row in read("organisation") if row["region"] == "china"} == {"CN"}
    assert all(re.fullmatch("[A-Z]{2}", row["country"]) for row in read("organisation"))


def test_old_namespaces_lead_to_the_same_organisation() -> None:
    owner = {row["namespace"]: row["organisation_id"] for row in read("hub_namespace")}
    for old, new in (("THUDM", "zai-org"), ("AIDC-AI", "ATH-MaaS"), ("CohereForAI", "CohereLabs"), ("Yi", "01-ai")):
        assert owner[old] == owner[new]
    assert {row["namespace"] for row in read("family_rule")} <= set(owner)
    assert {row["hub_repo_id"].split("/")[0] for row in MODELS.values() if row["hub_repo_id"]} <= set(owner)
    family_owner = {row["family_id"]: row["organisation_id"] for row in read("family")}
    assert all(family_owner[rule["family_id"]] == owner[rule["namespace"]] for rule in read("family_rule"))


def family_of(repo_id: str) -> str | None:
    """The family of the longest matching rule."""
    namespace, name = repo_id.split("/", 1)
    matching = [
        (len(rule["name_prefix"]), rule["family_id"])
        for rule in read("family_rule")
        if rule["namespace"] == namespace and name.lower().startswith(rule["name_prefix"].lower())
    ]
    return max(matching)[1] if matching else None


@pytest.mark.parametrize(
    ("repo_id", "family"),
    [
        ("Qwen/QwQ-32B", "qwen"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama"),
        ("meta-llama/CodeLlama-7b-hf", "llama"),
        ("google/gemma-4-31B-it", "gemma"),
        ("google/flan-t5-base", None),
        ("microsoft/Phi-4-mini-instruct", "phi"),
        ("microsoft/phi-2", "phi"),
        ("microsoft/Florence-2-base", None),
        ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "nemotron"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1_5", "nemotron"),
        ("nvidia/Llama-4-Maverick-17B-128E-Eagle3", None),
        ("nvidia/gpt-oss-120b-Eagle3", None),
        ("openai/gpt-oss-20b", "gpt-oss"),
        ("openai/whisper-large-v3", None),
        ("allenai/Olmo-3-32B-Think", "olmo"),
        ("allenai/OLMoE-1B-7B-0924", "olmo"),
        ("allenai/olmOCR-2-7B-1025", None),
        ("THUDM/chatglm-6b", "glm"),
        ("zai-org/GLM-5", "glm"),
        ("zai-org/CogVideoX-5b", None),
        ("moonshotai/Moonlight-16B-A3B", None),
    ],
)
def test_family_rules_tell_own_repositories_from_others(repo_id: str, family: str | None) -> None:
    assert family_of(repo_id) == family


def test_models_and_family_rules_agree() -> None:
    for row in MODELS.values():
        if row["hub_repo_id"]:
            assert family_of(row["hub_repo_id"]) == (row["family_id"] or None), row["model_id"]


def test_active_parameters_are_part_of_the_total() -> None:
    for row in MODELS.values():
        if row["parameters_total_b"] and row["parameters_active_b"]:
            assert float(row["parameters_active_b"]) <= float(row["parameters_total_b"]), row["model_id"]


def test_mixtures_of_experts_never_pass_as_dense() -> None:
    """A name with an active count (A22B, 8x7B) must not have the total as its active count."""
    for row in MODELS.values():
        if re.search(r"[-_ ]A\d+(\.\d+)?B|\d+x\d+B", row["hub_repo_id"], re.IGNORECASE):
            assert row["parameters_active_b"] != row["parameters_total_b"], row["model_id"]
        active = re.search(r"-(\d+(?:\.\d+)?)B-A(\d+(?:\.\d+)?)B", row["hub_repo_id"])
        if active and row["parameters_active_b"]:
            assert float(row["parameters_active_b"]) == pytest.approx(float(active[2]), rel=0.2), row["model_id"]
            assert float(row["parameters_total_b"]) == pytest.approx(float(active[1]), rel=0.05), row["model_id"]


def test_closed_models_have_no_weights_anywhere() -> None:
    for row in MODELS.values():
        is_open = row["is_open_weights"] == "true"
        assert is_open == bool(row["hub_repo_id"]), row["model_id"]
        assert is_open == (row["licence_class"] != "closed"), row["model_id"]
        if not is_open:
            assert not row["parameters_total_b"] and not row["parameters_active_b"] and not row["licence"], row[
                "model_id"
            ]
    closed = {model for model, row in MODELS.items() if row["is_open_weights"] == "false"}
    assert [alias for alias in ALIASES if alias["scope"] == "hub" and alias["model_id"] in closed] == []


def test_a_licence_has_one_class() -> None:
    classes: dict[str, set[str]] = {}
    for row in MODELS.values():
        if row["is_open_weights"] == "true":
            classes.setdefault(row["licence"], set()).add(row["licence_class"])
    assert classes.pop("") == {"unknown"}
    assert {licence for licence, found in classes.items() if len(found) > 1 or "unknown" in found} == set()
    assert {licence: classes[licence] for licence in LICENCE_CLASSES} == {
        licence: {found} for licence, found in LICENCE_CLASSES.items()
    }


def test_a_name_means_one_model_within_a_scope() -> None:
    """As the warehouse joins them: a model's own id and name are public names, its repository a Hub name."""
    named = [(row["scope"], row["alias"], row["model_id"]) for row in ALIASES if not is_dated(row)]
    named += [("any", row["model_id"], row["model_id"]) for row in MODELS.values()]
    named += [("any", row["name"], row["model_id"]) for row in MODELS.values()]
    named += [("hub", row["hub_repo_id"], row["model_id"]) for row in MODELS.values() if row["hub_repo_id"]]
    meanings: dict[tuple[str, str], set[str]] = {}
    for scope, name, model in named:
        meanings.setdefault((scope, normalise(name)), set()).add(model)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


def is_dated(row: dict[str, str]) -> bool:
    """Whether the name has meant several models, or has come to an end."""
    return bool(row["valid_from"] or row["valid_before"])


def test_aliases_are_listed_once_per_normalised_form() -> None:
    seen = Counter((row["scope"], normalise(row["alias"]), row["valid_from"]) for row in ALIASES)
    assert [key for key, count in seen.items() if count > 1 or not key[1]] == []
    fixed = {(row["scope"], normalise(row["alias"])) for row in ALIASES if not is_dated(row)}
    assert fixed & {(row["scope"], normalise(row["alias"])) for row in ALIASES if is_dated(row)} == set()
    scopes = {row["scope"] for row in ALIASES}
    sellers = {scope.removeprefix("seller:") for scope in scopes if scope.startswith("seller:")}
    own = {scope for scope in scopes if not scope.startswith("seller:")}
    assert own <= {"any", "hub", "reported_score", *load_sources()}
    assert sellers <= {row["seller"] for row in PROVIDERS.values()}


def test_what_a_moving_name_meant_never_overlaps() -> None:
    spans: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in filter(is_dated, ALIASES):
        key = (row["scope"], normalise(row["alias"]))
        spans.setdefault(key, []).append((row["valid_from"] or "0000", row["valid_before"] or "9999"))
    for key, found in spans.items():
        ordered = sorted(found)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered)), key
    assert all(row["alias"].count("/") == 1 for row in ALIASES if row["scope"] in {"hub", "openrouter_models"})


UNRESOLVED = {
    "genai_prices": (
        "deepseek-chat deepseek-reasoner deepseek-flash mistral-large mistral-medium-latest chatgpt-4o-latest "
        "claude-3-5-sonnet gpt-4"
    ),
    "openrouter_models": "~openai/gpt-latest qwen/qwen-plus",
    # Other snapshots than the release, faster or smaller variants at their own price, and names that move.
    "price_pages": (
        "qwen3.7-max-2026-06-08 qwen3-coder-plus-2025-09-23 seed-1-6-250915 kimi-k2-turbo-preview glm-4.5-airx "
        "qwen-plus deepseek-flash gpt-3.5-turbo"
    ),
    "litellm": (
        "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo mistral/mistral-large-latest claude-3-5-sonnet-latest"
    ),
    "models_dev": "qwen3-vl-235b-a22b grok-3-fast",
}


@pytest.mark.parametrize(
    ("scope", "name"), [(scope, name) for scope in UNRESOLVED for name in UNRESOLVED[scope].split()]
)
def test_moving_and_ambiguous_names_stay_unresolved(scope: str, name: str) -> None:
    forms = {normalise(name), normalise(name.rsplit("/", 1)[-1])}
    public = {normalise(text) for row in MODELS.values() for text in (row["model_id"], row["name"])}
    aliased = {normalise(row["alias"]) for row in ALIASES if row["scope"] in {scope, "any"}}
    assert forms & (public | aliased) == set()


@pytest.mark.parametrize(
    ("scope", "alias", "model"),
    [
        ("any", "Qwen3-Max-Preview", "qwen3-max-preview"),
        ("any", "Qwen 3.5-Plus", "qwen3.5-plus"),
        ("any", "Claude Opus 4", "claude-opus-4"),
        ("any", "claude-opus-4-20250514", "claude-opus-4"),
        ("any", "Claude Opus 4.1", "claude-opus-4.1"),
        ("openrouter_models", "qwen/qwen3-max", "qwen3-max"),
        ("openrouter_models", "qwen/qwen3.5-plus-02-15", "qwen3.5-plus"),
        ("openrouter_models", "deepseek/deepseek-chat-v3.1", "deepseek-v3.1"),
        ("openrouter_models", "openai/gpt-4o", "gpt-4o-2024-08-06"),
        ("openrouter_models", "openai/gpt-4o-2024-05-13", "gpt-4o"),
        ("price_pages", "deepseek-v4-pro", "deepseek-v4-pro"),
        ("price_pages", "doubao-seed-2.0-pro", "seed-2.0-pro"),
        ("price_pages", "qwen3.7-max-us", "qwen3.7-max"),
        ("any", "qwen3.7-max-2026-05-20", "qwen3.7-max"),
        ("any", "nvidia.nemotron-nano-12b-v2", "nemotron-nano-12b-v2-vl"),
        ("any", "deepseek.v3-v1:0", "deepseek-v3.1"),
        ("llm_prices", "gemini-3-pro-preview-200k", "gemini-3-pro"),
        ("litellm", "gpt-4o", "gpt-4o-2024-08-06"),
        ("livebench", "claude-4-1-opus-20250805-base", "claude-opus-4.1"),
        ("livebench", "qwen3-32b-thinking", "qwen3-32b"),
        ("epoch_benchmarks", "zai-org/GLM-4.7", "glm-4.7"),
        ("hub", "Qwen/Qwen3.5-397B-A17B-FP8", "qwen3.5-397b-a17b"),
        ("hub", "THUDM/GLM-4-32B-0414", "glm-4-32b-0414"),
        ("hub", "CohereForAI/c4ai-command-a-03-2025", "cohere-command-a"),
    ],
)
def test_names_that_matter_resolve(scope: str, alias: str, model: str) -> None:
    found = {
        row["model_id"] for row in ALIASES if row["scope"] == scope and normalise(row["alias"]) == normalise(alias)
    }
    assert found == {model}


def test_names_that_differ_only_in_dots_and_hyphens_mean_one_model() -> None:
    """`4-1` is read as `4.1`, so no two models may differ in that alone."""
    meanings: dict[str, set[str]] = {}
    for name, model in [(row["alias"], row["model_id"]) for row in ALIASES if row["scope"] == "any"] + [
        (text, row["model_id"]) for row in MODELS.values() for text in (row["model_id"], row["name"])
    ]:
        meanings.setdefault(re.sub(r"(\d)\.(\d)", r"\1-\2", normalise(name)), set()).add(model)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


PROVIDERS = {row["provider"]: row for row in read("provider")}


@pytest.mark.parametrize(
    ("seller", "spellings"),
    [
        ("google", "google gemini vertex_ai-language-models google-vertex openrouter_google-ai-studio palm"),
        ("alibaba", "alibaba alibaba-cn dashscope qwen openrouter_alibaba"),
        ("aws", "aws bedrock bedrock_converse amazon-bedrock amazon openrouter_amazon-bedrock"),
        ("x-ai", "x-ai xai openrouter_xai"),
        ("zai", "zai zhipuai openrouter_z-ai huggingface_zai-org"),
        ("moonshotai", "moonshotai moonshotai-cn moonshot moonshot-ai openrouter_moonshotai"),
        ("fireworks", "fireworks fireworks-ai fireworks_ai huggingface_fireworks-ai openrouter_fireworks"),
        ("together", "together together_ai togetherai openrouter_together"),
    ],
)
def test_a_seller_has_one_slug_under_all_its_spellings(seller: str, spellings: str) -> None:
    assert {PROVIDERS[name]["seller"] for name in spellings.split()} == {seller}


def test_sellers_are_told_apart_from_those_who_pass_their_offers_on() -> None:
    resold = {name for name in PROVIDERS if name.startswith(("openrouter_", "huggingface_"))}
    assert len(resold) > 80
    assert {PROVIDERS[name]["organisation_id"] for name in resold} == {""}
    own = [row for name, row in PROVIDERS.items() if name not in resold]
    owners: dict[str, set[str]] = {}
    for row in own:
        owners.setdefault(row["seller"], set()).add(row["organisation_id"])
    assert {seller: found for seller, found in owners.items() if len(found) > 1} == {}
    mainland = {name for name, row in PROVIDERS.items() if row["market"] == "cn"}
    assert mainland == {"alibaba-cn", "minimax-cn", "moonshotai-cn", "siliconflow-cn", "volcengine", "zhipuai"}


def test_enough_releases_of_the_watched_organisations_are_dated() -> None:
    dated = [row for row in MODELS.values() if row["released_on"] and row["organisation_id"] in WATCHED]
    assert len(dated) >= 150
    assert {row["organisation_id"] for row in dated} == WATCHED


def facts(model: str, *columns: str) -> tuple[str, ...]:
    return tuple(MODELS[model][column] for column in columns)


def test_golden_parameters() -> None:
    both = ("parameters_total_b", "parameters_active_b")
    assert facts("qwen3.5-397b-a17b", *both) == ("397", "17")
    assert facts("deepseek-r1", *both) == ("671", "37")
    assert facts("qwen3-235b-a22b-instruct-2507", *both) == ("235", "22")
    assert facts("kimi-k2", *both) == ("1000", "32")
    assert facts("llama-3.3-70b", *both) == ("70", "70")
    # Over a trillion parameters is what the vendor says of a model nobody else has.
    assert facts("qwen3-max", *both) == facts("qwen3-max-preview", *both) == ("", "")
    # Total known, active not stated.
    assert facts("glm-4.6", *both) == ("357", "")


def test_golden_dates() -> None:
    assert facts("kimi-k3", "released_on") == ("2026-07-16",)  # not 2026-06-13, the repository's creation
    assert facts("qwen3.5-397b-a17b", "released_on") == ("2026-02-16",)
    assert facts("claude-opus-4.5", "released_on") == ("2025-11-24",)  # not 2025-11-01, the snapshot
    assert facts("gpt-oss-120b", "released_on") == ("2025-08-05",)
    assert facts("gemini-3-pro", "released_on") == ("2025-11-18",)
    assert facts("gpt-5.2", "released_on") == ("2025-12-11",)
    assert facts("claude-haiku-5.5", "released_on") == ("",)  # known to exist, date not established


def test_openness_belongs_to_the_model_not_to_the_vendor() -> None:
    openness = ("is_open_weights", "licence_class")
    assert facts("qwen3-max", *openness) == facts("qwen3-max-preview", *openness) == ("false", "closed")
    assert facts("qwen3-235b-a22b", *openness) == ("true", "open")
    assert facts("qwen3.5-plus", *openness) == ("false", "closed")
    assert facts("qwen3.5-397b-a17b", *openness) == ("true", "open")
    assert facts("muse-spark", *openness) == ("false", "closed")
    assert facts("gpt-oss-20b", *openness) == ("true", "open")
    assert facts("mistral-medium-3", *openness) == ("false", "closed")
    assert facts("mistral-large-2411", *openness) == ("true", "non_commercial")


def comment_free(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real bodies are not beside the project")
def test_dates_and_parameters_against_the_real_files() -> None:
    models = {row["hub_repo_id"]: row for row in MODELS.values() if row["hub_repo_id"]}
    metadata = SHARED / "data" / "atom" / "metadata"
    differing = {
        row["model_id"]
        for row in comment_free(metadata / "release_date_corrections.csv")
        if row["model_id"] in models and models[row["model_id"]]["released_on"] != row["actual_release_date"]
    }
    # Publicly offered on 2025-07-21; 2025-07-25 is the day of the Thinking model.
    assert differing == {"Qwen/Qwen3-235B-A22B-Instruct-2507"}
    for row in comment_free(metadata / "model_parameters.csv"):
        ours = models.get(row["model_id"])
        if ours and ours["parameters_total_b"]:
            assert float(ours["parameters_total_b"]) == pytest.approx(float(row["total_params_b"]), rel=0.05), row
        if ours and row["active_params_b"]:
            assert float(ours["parameters_active_b"]) == pytest.approx(float(row["active_params_b"]), rel=0.05), row


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real bodies are not beside the project")
def test_regions_against_the_real_file() -> None:
    owner = {row["namespace"]: row["organisation_id"] for row in read("hub_namespace")}
    region = {row["organisation_id"]: row["region"] for row in read("organisation")}
    stated = comment_free(SHARED / "data" / "atom" / "metadata" / "organization_regions.csv")
    named = {row["hf_org"]: row["region"] for row in stated if row["hf_org"] in owner}
    assert len(named) >= 60
    assert {name: region[owner[name]] for name in named} == named


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real bodies are not beside the project")
def test_most_real_names_resolve() -> None:
    """Shares of names that resolve without their effort; a drop means that a name was lost."""
    names = {(row["scope"], normalise(row["alias"])) for row in ALIASES}
    names |= {("any", normalise(text)) for row in MODELS.values() for text in (row["model_id"], row["name"])}

    def share(scope: str, written: set[str]) -> float:
        effort = re.compile(
            r"([-_](thinking-)?(\d+k|auto|none|minimal|low|medium|high|xhigh|max|unknown)(-effort)?)+$", re.I
        )
        known = [
            any((where, normalise(form)) in names for where in (scope, "any") for form in (name, effort.sub("", name)))
            for name in written
        ]
        return sum(known) / len(known)

    data = SHARED / "data"
    boards = data / "leaderboards"
    livebench = {row["model"] for row in comment_free(boards / "livebench" / "latest" / "table_2026_01_08.csv")}
    gpqa = {row["Model version"] for row in comment_free(boards / "epoch" / "hub_2026-04-16" / "gpqa_diamond.csv")}
    openrouter = {
        row["id"] for row in comment_free(data / "prices" / "openrouter-market" / "models" / "2026-08-08.csv")
    }
    assert share("livebench", livebench) >= 0.9
    assert share("epoch_benchmarks", gpqa) >= 0.95
    assert share("openrouter_models", {name for name in openrouter if ":" not in name}) >= 0.75
