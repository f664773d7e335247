"""Words of the simulated rows: libraries, tasks, tags, licences, names, and how often each occurs.

Where the weights come from:

* Libraries and tasks of repositories without a parent: the 29,432 rows of the whole Hub on 2022-02-21 (no library and
  no task 25 %, transformers 71 %, a tenth less here for images and reinforcement learning, which is an assumption),
  with the tasks of the ~1,400 trending rows of May 2026 in place of conversational, translation and text2text.
* Derivatives: `merge` and `mergekit` tags, formats and libraries as on the 4,167 hub-stats rows of May 2026 and the
  real list of bert-base-uncased's derivatives (July 2026); the split among quantisation formats is an assumption.
* Licences: 28 % without one, apache-2.0 half of the rest (4,167 hub-stats rows). Those are popular models, so more
  are left without one here.
* Tags a row carries besides base_model: 5.5 on average in 2022, 13.1 on the popular rows of 2026; here about 9.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

RELATIONS = ("none", "adapter", "finetune", "quantized", "merge")
NONE, ADAPTER, FINETUNE, QUANTIZED, MERGE = range(5)


@dataclass(frozen=True)
class Head:
    """Library, task and format of a repository, and the tags that follow from them."""

    kind: int
    weight: float
    library: str | None
    task: str | None
    formats: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    architecture: bool = False

    @property
    def field(self) -> str:
        """What the repository is about, as far as its task tells."""
        return FIELD_OF_TASK.get(self.task or "", "any")


FIELD_OF_TASK = {
    "text-generation": "language", "image-text-to-text": "language", "text-to-image": "image",
    "text-classification": "encoder", "token-classification": "encoder", "fill-mask": "encoder",
    "sentence-similarity": "encoder", "feature-extraction": "encoder", "question-answering": "encoder",
    "image-classification": "encoder", "automatic-speech-recognition": "speech", "text-to-speech": "speech",
}  # fmt: skip


def _transformers(kind: int, weight: float, task: str | None, *tags: str) -> Head:
    return Head(kind, weight, "transformers", task, ("safetensors",), tags, architecture=True)


HEADS = (
    Head(NONE, 24.5, None, None),
    Head(NONE, 3.0, None, None, ("safetensors",)),
    _transformers(NONE, 28.0, "text-generation", "conversational", "text-generation-inference", "endpoints_compatible"),
    _transformers(NONE, 8.5, "text-classification", "endpoints_compatible"),
    _transformers(NONE, 5.0, "fill-mask", "endpoints_compatible"),
    _transformers(NONE, 6.6, None, "endpoints_compatible"),
    _transformers(NONE, 4.6, "automatic-speech-recognition", "endpoints_compatible"),
    _transformers(NONE, 3.4, "token-classification", "endpoints_compatible"),
    _transformers(NONE, 3.2, "feature-extraction", "text-embeddings-inference", "endpoints_compatible"),
    _transformers(NONE, 2.0, "question-answering", "endpoints_compatible"),
    _transformers(NONE, 2.4, "image-classification", "endpoints_compatible"),
    _transformers(NONE, 2.2, "image-text-to-text", "conversational", "custom_code", "endpoints_compatible"),
    Head(NONE, 3.0, "sentence-transformers", "sentence-similarity", ("safetensors",), ("feature-extraction",), True),
    Head(NONE, 4.0, "diffusers", "text-to-image", ("safetensors",), ("diffusers:StableDiffusionPipeline",)),
    Head(NONE, 3.5, "stable-baselines3", "reinforcement-learning", (), ("deep-reinforcement-learning", "model-index")),
    Head(NONE, 1.5, "ml-agents", "reinforcement-learning", ("onnx",), ("tensorboard", "deep-reinforcement-learning")),
    Head(NONE, 1.5, "keras", None, ("tf-keras",)),
    Head(NONE, 0.6, "spacy", "token-classification", (), ("model-index",)),
    Head(NONE, 0.5, "espnet", "text-to-speech", (), ("audio",)),
    Head(ADAPTER, 55.0, "peft", None, ("safetensors",), ("lora",)),
    Head(ADAPTER, 10.0, "peft", "text-generation", ("safetensors",), ("lora", "sft", "trl", "conversational")),
    Head(ADAPTER, 30.0, "diffusers", "text-to-image", (), ("lora", "template:sd-lora", "flux")),
    Head(ADAPTER, 5.0, "transformers", None, ("safetensors",), ("trl", "sft", "unsloth")),
    _transformers(FINETUNE, 40.0, "text-generation", "generated_from_trainer", "trl", "sft", "conversational",
                  "text-generation-inference", "endpoints_compatible"),
    _transformers(FINETUNE, 14.0, "text-classification", "generated_from_trainer", "text-embeddings-inference",
                  "endpoints_compatible"),
    _transformers(FINETUNE, 12.0, None, "text-generation-inference", "unsloth", "trl", "endpoints_compatible"),
    _transformers(FINETUNE, 9.0, "image-text-to-text", "conversational", "endpoints_compatible"),
    _transformers(FINETUNE, 8.0, "automatic-speech-recognition", "generated_from_trainer", "endpoints_compatible"),
    _transformers(FINETUNE, 6.0, "token-classification", "generated_from_trainer", "model-index"),
    _transformers(FINETUNE, 5.0, "image-classification", "generated_from_trainer", "endpoints_compatible"),
    Head(FINETUNE, 6.0, "sentence-transformers", "sentence-similarity", ("safetensors",),
         ("generated_from_trainer", "dataset_size:10000", "loss:CosineSimilarityLoss"), True),
    Head(FINETUNE, 2.0, "diffusers", "text-to-image", ("safetensors",), ("diffusers:StableDiffusionXLPipeline",)),
    Head(QUANTIZED, 2.0, "diffusers", "text-to-image", ("gguf",), ("quantized",)),
    Head(QUANTIZED, 40.0, "transformers", None, ("gguf",), ("endpoints_compatible", "conversational", "imatrix")),
    Head(QUANTIZED, 28.0, None, "text-generation", ("gguf",), ("llama-cpp", "gguf-my-repo", "conversational")),
    Head(QUANTIZED, 17.0, "mlx", "text-generation", ("safetensors",), ("4-bit", "conversational"), True),
    _transformers(QUANTIZED, 10.0, "text-generation", "conversational", "4-bit", "awq", "compressed-tensors"),
    Head(QUANTIZED, 5.0, "transformers.js", "feature-extraction", ("onnx",), ("quantized",), True),
    _transformers(MERGE, 100.0, "text-generation", "mergekit", "merge", "conversational",
                  "text-generation-inference", "endpoints_compatible"),
)  # fmt: skip

LICENCES = (
    None, "apache-2.0", "mit", "other", "creativeml-openrail-m", "cc-by-nc-4.0", "llama2", "llama3", "llama3.1",
    "llama3.2", "llama3.3", "gemma", "openrail", "cc-by-4.0", "unknown", "deepseek", "modified-mit", "openrail++",
    "gpl-3.0", "cc-by-nc-sa-4.0",
)  # fmt: skip
FREE_LICENCE_WEIGHTS = (45, 28, 12, 5, 3, 2.5, 0, 0, 0, 0, 0, 0, 1.2, 1, 0.5, 0, 0, 0, 0.8, 1)
GATES = (False, "auto", "manual")

GGUF_WORDS = 2  # so many of the words of quantised repositories belong to that format
# The largest one makes 24 % of the 150,000 most fetched models on the real Hub; people's names are not used here.
QUANTISERS = (
    "gguf-mill",
    "quant-works",
    "unsloth",
    "bits-and-pieces",
    "lmstudio-community",
    "mlx-community",
    "imatrix-press",
)
WORDS = {
    NONE: ("model", "test", "my-first-model", "ppo-LunarLander-v2", "run", "checkpoint", "whisper-small-hi", "sd-class",
           "classifier", "embeddings", "experiment", "base", "bert-ner", "dummy"),
    ADAPTER: ("lora", "LoRA", "adapter", "sft-lora", "qlora", "style-lora", "dreambooth-lora", "dpo-lora"),
    FINETUNE: ("finetuned", "sft", "Instruct", "dpo", "Chat", "imdb", "medical", "reasoning", "zh", "grpo", "code"),
    QUANTIZED: ("GGUF", "i1-GGUF", "AWQ", "4bit", "mlx-4bit", "GPTQ", "FP8", "onnx"),
    MERGE: ("merge", "slerp", "Ties", "dare-merge", "Franken", "Blend"),
}  # fmt: skip
SYLLABLES = ("neo", "lab", "data", "deep", "auto", "ling", "vec", "tor", "mind", "byte", "nova", "flux", "kilo", "sol",
             "ark", "mira")  # fmt: skip
LANGUAGES = ("en", "zh", "fr", "de", "es", "it", "ko", "pt", "ja", "hi", "ru", "ar", "th", "vi", "id", "pl", "nl")
DATASETS = ("imdb", "squad", "glue", "conll2003", "wikitext", "alpaca", "ultrachat", "gsm8k", "c4", "laion", "mmlu")
OPEN_WORDS = ("chat", "code", "math", "roleplay", "reasoning", "instruct", "nsfw", "medical", "legal", "finance",
              "chatml", "axolotl", "dpo", "moe", "agent", "vision", "audio", "robotics", "biology", "multilingual",
              "art", "unsloth", "eval-results", "custom_code")  # fmt: skip
BUNDLES = 4096


@cache
def bundles() -> tuple[tuple[str, ...], ...]:
    """Sets of free tags (languages, data sets, papers, words) in the order the Hub gives them; many are empty."""
    draw = random.Random("bundles of free tags")
    return tuple(_bundle(draw) for _ in range(BUNDLES))


def _bundle(draw: random.Random) -> tuple[str, ...]:
    words = draw.sample(OPEN_WORDS, k=min(int(draw.expovariate(1 / 1.6)), 8))
    if draw.random() < 0.5:
        words.append(f"{draw.choice(SYLLABLES)}-{draw.choice(SYLLABLES)}")
    languages = draw.sample(LANGUAGES, k=draw.choice((1, 1, 1, 1, 2, 3, 8))) if draw.random() < 0.4 else []
    data = [f"dataset:{name}" for name in draw.sample(DATASETS, k=draw.choice((1, 1, 2)))]
    papers = [f"arxiv:{draw.randint(19, 26)}{draw.randint(1, 12):02}.{draw.randint(1, 19999):05}"]
    kept_data = data if draw.random() < 0.2 else []
    kept_papers = papers * (draw.random() < 0.3)
    return tuple([*words, *sorted(languages), *kept_data, *kept_papers])
