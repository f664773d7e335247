"""Base models that other repositories derive from: real names, so that a demo looks real; all else is simulated.

Names, release dates, parameter counts, licences and families come from `warehouse/seeds/model.csv`, and from
`MORE` for repositories that file does not list: the roots of the largest families of derivatives (Laufer et al.,
arXiv 2508.06811; createdAt of 16 of them from 4,167 rows of the hub-stats table, May 2026) and old models of vision,
speech and images, whose dates are those of the Hub (2022-03-02 stands for everything older).

How new derivatives divide among families over time: Qwen 1 % (2024-01) to 69 % (2026-02) and Llama near 50 % (2024)
to 15 % (2025-08) are the ATOM report's (arXiv 2604.07190); every other figure of the two tables is an assumption
that fills the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from warehouse import WAREHOUSE_DIR


@dataclass(frozen=True)
class Root:
    """A named base model."""

    repo_id: str
    family: str
    released: date
    parameters: int
    licence: str
    architecture: str

    @property
    def namespace(self) -> str:
        """Author of the repository."""
        return self.repo_id.partition("/")[0]

    @property
    def name(self) -> str:
        """Name without the namespace."""
        return self.repo_id.partition("/")[2]


ARCHITECTURES = {
    "qwen": "qwen3", "llama": "llama", "mistral": "mistral", "gemma": "gemma3_text", "deepseek": "deepseek_v3",
    "phi": "phi3", "glm": "glm4_moe", "gpt-oss": "gpt_oss", "kimi": "kimi_k2", "nemotron": "nemotron_h",
    "olmo": "olmo2", "granite": "granite", "minimax": "minimax_m2", "grok": "grok", "bert": "bert",
    "diffusion": "diffusers:StableDiffusionXLPipeline", "speech": "whisper", "other": "llama",
}  # fmt: skip

# id, family, date, millions of parameters, licence
MORE = (
    ("google/gemma-7b", "gemma", "2024-02-21", 8_538, "gemma"),
    ("google/gemma-2b", "gemma", "2024-02-21", 2_506, "gemma"),
    ("Qwen/Qwen2.5-7B", "qwen", "2024-09-15", 7_616, "apache-2.0"),
    ("Qwen/Qwen2.5-0.5B", "qwen", "2024-09-15", 494, "apache-2.0"),
    ("Qwen/Qwen1.5-0.5B", "qwen", "2024-01-22", 620, "other"),
    ("Qwen/Qwen1.5-1.8B", "qwen", "2024-01-22", 1_837, "other"),
    ("meta-llama/Llama-2-7b-hf", "llama", "2023-07-13", 6_738, "llama2"),
    ("meta-llama/Meta-Llama-3-8B", "llama", "2024-04-17", 8_030, "llama3"),
    ("meta-llama/Llama-3.1-8B", "llama", "2024-07-14", 8_030, "llama3.1"),
    ("meta-llama/Llama-3.2-1B", "llama", "2024-09-18", 1_236, "llama3.2"),
    ("mistralai/Mistral-7B-v0.1", "mistral", "2023-09-20", 7_242, "apache-2.0"),
    ("mistralai/Mistral-Nemo-Base-2407", "mistral", "2024-07-18", 12_248, "apache-2.0"),
    ("deepseek-ai/DeepSeek-V3-Base", "deepseek", "2024-12-25", 671_000, "deepseek"),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", "deepseek", "2025-01-20", 1_777, "mit"),
    ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "deepseek", "2025-01-20", 8_030, "mit"),
    ("allenai/OLMo-2-1124-7B", "olmo", "2024-10-29", 7_299, "apache-2.0"),
    ("allenai/OLMo-2-0325-32B", "olmo", "2025-03-13", 32_234, "apache-2.0"),
    ("allenai/Olmo-3-1125-32B", "olmo", "2025-11-04", 32_234, "apache-2.0"),
    ("google-bert/bert-base-uncased", "bert", "2022-03-02", 110, "apache-2.0"),
    ("distilbert/distilbert-base-uncased", "bert", "2022-03-02", 67, "apache-2.0"),
    ("FacebookAI/roberta-base", "bert", "2022-03-02", 125, "mit"),
    ("FacebookAI/xlm-roberta-base", "bert", "2022-03-02", 278, "mit"),
    ("sentence-transformers/all-MiniLM-L6-v2", "bert", "2022-03-02", 23, "apache-2.0"),
    ("openai-community/gpt2", "bert", "2022-03-02", 137, "mit"),
    ("google/vit-base-patch16-224", "bert", "2022-03-02", 87, "apache-2.0"),
    ("stabilityai/stable-diffusion-xl-base-1.0", "diffusion", "2023-07-25", 3_470, "openrail++"),
    ("black-forest-labs/FLUX.1-dev", "diffusion", "2024-07-31", 11_900, "other"),
    ("openai/whisper-small", "speech", "2022-09-26", 242, "apache-2.0"),
    ("openai/whisper-large-v3", "speech", "2023-11-07", 1_543, "apache-2.0"),
    ("facebook/wav2vec2-base", "speech", "2022-03-02", 95, "apache-2.0"),
)

# Per cent of the new derivatives of language-model families. The rest of 100 goes to the families not named.
LANGUAGE_SHARES: dict[str, dict[str, float]] = {
    "2023-01": {"llama": 70},
    "2023-08": {"llama": 62, "mistral": 10, "qwen": 0.5, "phi": 2},
    "2024-01": {"llama": 45, "mistral": 40, "qwen": 1, "phi": 6, "gemma": 2, "deepseek": 1},
    "2024-07": {"llama": 48, "mistral": 22, "qwen": 8, "phi": 7, "gemma": 9, "deepseek": 2},
    "2025-01": {"llama": 34, "mistral": 14, "qwen": 25, "phi": 5, "gemma": 10, "deepseek": 6},
    "2025-08": {"llama": 15, "mistral": 8, "qwen": 41, "phi": 4, "gemma": 12, "deepseek": 8},
    "2026-02": {"llama": 7, "mistral": 4, "qwen": 69, "phi": 2, "gemma": 8, "deepseek": 3},
    "2026-11": {"llama": 5, "mistral": 3, "qwen": 66, "phi": 2, "gemma": 9, "deepseek": 3},
}
# Per cent of all new derivatives that are of language models; the rest is images, text encoders and speech.
LANGUAGE_PART = {"2022-03": 2, "2023-08": 35, "2024-07": 60, "2025-08": 70, "2026-11": 75}
OTHER_PARTS = {"diffusion": 0.6, "bert": 0.3, "speech": 0.1}
# The ten largest components and the bases of the published counts weigh more within their family.
LARGE = {
    "FLUX.1-dev": 20, "Qwen1.5-0.5B": 9, "Qwen1.5-1.8B": 9, "Meta-Llama-3-8B": 9, "gemma-2b": 9, "Llama-3.1-8B": 9,
    "gemma-7b": 9, "distilbert-base-uncased": 8, "Qwen2.5-7B": 9, "stable-diffusion-xl-base-1.0": 9,
    "bert-base-uncased": 12, "Llama-2-7b-hf": 6, "Qwen2.5-7B-Instruct": 8, "Qwen3-8B": 8, "Qwen3-0.6B": 8,
    "Mistral-7B-v0.1": 9, "whisper-small": 6, "Qwen3.5-4B": 8, "Qwen3.5-9B": 8,
}  # fmt: skip


@cache
def roots() -> tuple[Root, ...]:
    """Every named base model, the heaviest first."""
    found = [_root(*fields) for fields in MORE]
    with (WAREHOUSE_DIR / "seeds" / "model.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["hub_repo_id"] and row["released_on"]:
                millions = float(row["parameters_total_b"] or 0) * 1000
                family = row["family_id"] or "other"
                found.append(_root(row["hub_repo_id"], family, row["released_on"], millions, row["licence"] or "other"))
    distinct = {root.repo_id: root for root in reversed(found)}
    return tuple(sorted(distinct.values(), key=lambda root: (-LARGE.get(root.name, 1), root.released, root.repo_id)))


def _root(repo_id: str, family: str, released: str, millions: float, licence: str) -> Root:
    return Root(repo_id, family, date.fromisoformat(released), int(millions * 1e6), licence, ARCHITECTURES[family])


def weights_at(named: tuple[Root, ...], when: date) -> npt.NDArray[np.float64]:
    """How likely a derivative of that month is to come from each named base model; zero before its release."""
    family_weight = _family_weights(when, {root.family for root in named})
    own = np.array([LARGE.get(root.name, 1.0) * (root.released < when) for root in named])
    families = np.array([root.family for root in named])
    result = np.zeros(len(named))
    for family, weight in family_weight.items():
        inside = families == family
        if total := own[inside].sum():
            result[inside] = weight * own[inside] / total
    return result


def _family_weights(when: date, families: set[str]) -> dict[str, float]:
    language = _between(LANGUAGE_PART, when) / 100
    weights = {family: part * (1 - language) for family, part in OTHER_PARTS.items()}
    named = {family for shares in LANGUAGE_SHARES.values() for family in shares}
    shares = {
        family: _between({month: at.get(family, 0) for month, at in LANGUAGE_SHARES.items()}, when) for family in named
    }
    small = families - named - set(weights)
    rest = max(100 - sum(shares.values()), 0) / max(len(small), 1)
    return weights | {family: language * share / 100 for family, share in (shares | dict.fromkeys(small, rest)).items()}


def _between(knots: Mapping[str, float], when: date) -> float:
    days = [date.fromisoformat(f"{month}-01").toordinal() for month in knots]
    return float(np.interp(when.toordinal(), days, list(knots.values())))
