"""How a name at a price source finds its model: what hosts put around names is taken off, nothing is guessed."""

from __future__ import annotations

from collections import defaultdict

import pytest

from pipelines.lib.folder import DataFolder
from pipelines.lib.publish import open_published
from tests.small_sources import build_all, small_source, store

Names = list[tuple[str, str, str, str | None, str | None]]

# Source, provider, listing -> model and what matched it.
RESOLVED: Names = [
    (
        "litellm",
        "bedrock",
        "bedrock/eu-west-1/anthropic.claude-opus-4-20250514-v1:0",
        "claude-opus-4",
        "short_name",
    ),
    ("litellm", "bedrock", "us.anthropic.claude-opus-4-6-v1", "claude-opus-4.6", "short_name"),
    ("litellm", "bedrock", "openai.gpt-oss-120b-1:0", "gpt-oss-120b", "short_name"),
    ("litellm", "bedrock", "us.meta.llama3-1-70b-instruct-v1:0", "llama-3.1-70b", "short_name"),
    ("litellm", "bedrock", "us-gov.nvidia.nemotron-nano-12b-v2", "nemotron-nano-12b-v2-vl", "short_name"),
    ("litellm", "fireworks_ai", "fireworks_ai/nvidia-nemotron-nano-12b-v2", "nemotron-nano-12b-v2", "short_name"),
    ("litellm", "vertex_ai", "vertex_ai/claude-opus-4@20250514", "claude-opus-4", "short_name"),
    ("litellm", "vertex_ai", "vertex_ai/openai/gpt-oss-120b-maas", "gpt-oss-120b", "short_name"),
    ("litellm", "fireworks_ai", "accounts/fireworks/models/deepseek-v3p2", "deepseek-v3.2", "short_name"),
    ("litellm", "databricks", "databricks/databricks-gpt-5-2", "gpt-5.2", "spelling"),
    ("litellm", "deepinfra", "deepinfra/Qwen/Qwen3.5-397B-A17B", "qwen3.5-397b-a17b", "hub_repository"),
    ("litellm", "openrouter", "openrouter/qwen/qwen3.5-plus-02-15", "qwen3.5-plus", "source_alias"),
    ("litellm", "azure", "azure/gpt-4o", "gpt-4o-2024-08-06", "source_alias"),
    ("genai_prices", "openrouter", "moonshotai/kimi-k2:free", "kimi-k2", "source_alias"),
    ("genai_prices", "huggingface_novita", "deepseek-ai/DeepSeek-V4-Flash", "deepseek-v4-flash", "hub_repository"),
    ("openrouter_endpoints", "openrouter_novita", "deepseek/deepseek-chat-v3.1", "deepseek-v3.1", "source_alias"),
    ("openrouter_models", "openrouter", "openai/gpt-5.2:batch", "gpt-5.2", "source_alias"),
    ("models_dev", "siliconflow", "deepseek-ai-deepseek-v3", "deepseek-v3", "hub_repository"),
    ("models_dev", "chutes", "deepseek-ai/DeepSeek-V3.1-TEE", "deepseek-v3.1", "short_name"),
    ("price_pages", "google", "Gemini 3 Pro Preview", "gemini-3-pro", "public_name"),
    ("price_pages", "alibaba", "qwen3-max-2026-01-23", "qwen3-max-thinking", "public_name"),
    # What a seller calls its own models, whoever lists them; the number format of the weights is no other model.
    ("models_dev", "anthropic", "claude-3-5-haiku-latest", "claude-3.5-haiku", "seller_alias"),
    ("litellm", "mistral", "mistral/mistral-large-latest", "mistral-large-3", "seller_alias"),
    ("litellm", "together_ai", "together_ai/moonshotai/Kimi-K2.5-fp4", "kimi-k2.5", "precision"),
    ("litellm", "lambda_ai", "lambda_ai/llama3.3-70b-instruct-fp8", "llama-3.3-70b", "spelling"),
]
UNRESOLVED: Names = [
    (source, provider, listing, None, None)
    for source, provider, listing in (
        # Bedrock calls DeepSeek-V3.1 by this name, and that only whole.
        ("litellm", "bedrock", "deepseek.v3"),
        ("litellm", "together_ai", "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("litellm", "bedrock", "qwen.qwen3-next-80b-a3b"),
        ("price_pages", "alibaba", "qwen3.7-max-2026-06-08"),
        ("price_pages", "moonshotai", "kimi-k2-turbo-preview"),
        ("openrouter_models", "openrouter", "qwen/qwen-plus-2025-07-28:thinking"),
        ("litellm", "azure", "azure/mistral-large-latest"),
    )
]


@pytest.fixture
def resolved(folder: DataFolder) -> dict[tuple[str, str, str], tuple[str | None, str | None]]:
    """What became of every name above."""
    books: dict[str, dict[str, dict[str, dict[str, str]]]] = defaultdict(dict)
    for source, provider, listing, *_ in RESOLVED + UNRESOLVED:
        books[source][listing] = {"input": {"amount": "1", "provider": provider}}
    for source, book in books.items():
        store(folder.archive, "2026-05-01", book, source=source)
    build_all(folder, *map(small_source, books), only="price")
    with open_published(folder.path) as connection:
        rows = connection.execute("select source, provider, listing, model_id, matched_by from core.listing").fetchall()
    return {(source, provider, listing): found for source, provider, listing, *found in rows}  # type: ignore[misc]


def test_names_resolve_exactly_or_stay_unresolved(
    resolved: dict[tuple[str, str, str], tuple[str | None, str | None]],
) -> None:
    expected = {tuple(name[:3]): list(name[3:]) for name in RESOLVED + UNRESOLVED}
    assert {name: list(found) for name, found in resolved.items()} == expected
