"""How the Hub's lists are kept as changes, and how DuckDB reads pages of a full crawl without the parser.

Here belongs the declaration; the machine is `pipelines.lib.history`. `READ_PAGES` must mean exactly what `parsing`
means: a page with anything it cannot be sure of (`is_odd`) is left to the parser.
"""

from __future__ import annotations

from pipelines.lib.source import History

LIST_PREFIXES = ("author/", "models/", "dump/")
READ_PAGES = """
select
    id as repo_id,
    _id as hub_id,
    true as is_whole,
    coalesce(nullif(author, ''), case when contains(id, '/') then split_part(id, '/', 1) end) as author,
    createdAt at time zone 'UTC' as created_at,
    lastModified at time zone 'UTC' as modified_at,
    downloads::bigint as downloads_30d,
    downloadsAllTime::bigint as downloads_all_time,
    likes::bigint as likes,
    trendingScore as trending_score,
    pipeline_tag,
    library_name,
    nullif(array_to_string(list_transform(
        list_filter(tags, lambda tag: starts_with(tag, 'license:')), lambda tag: tag[9:]
    ), ', '), '') as licence,
    gated,
    disabled as is_disabled,
    safetensors.total::bigint as parameters_total,
    case when len(baseModels.models) > 0 then coalesce(nullif(baseModels.relation, ''), 'unknown') end as base_relation,
    case when len(baseModels.models) > 0 then list_transform(baseModels.models, lambda model: model.id) end
        as base_models,
    null::varchar[] as card_models,
    tags,
    filename,
    coalesce(private, true) or id is null or id = '' or _id is null or tags is null or createdAt is null
        or lastModified is null or downloads is null or likes is null or downloadsAllTime is null or gated is null
        or downloads <> floor(downloads) or downloadsAllTime <> floor(downloadsAllTime) or likes <> floor(likes)
        or coalesce(safetensors.total <> floor(safetensors.total), false)
        or (baseModels is not null and coalesce(len(baseModels.models), 0) = 0)
        or coalesce(len(list_filter(baseModels.models, lambda model: coalesce(model.id, '') = '')), 0) > 0
        or coalesce(len(list_distinct(list_transform(baseModels.models, lambda model: model.id))), 0)
            <> coalesce(len(baseModels.models), 0)
        or len(list_filter(tags, lambda tag: tag is null)) > 0 as is_odd
from read_json({files}, format = 'array', compression = 'zstd', filename = true, columns = {
    '_id': 'VARCHAR', 'id': 'VARCHAR', 'author': 'VARCHAR', 'createdAt': 'TIMESTAMPTZ',
    'lastModified': 'TIMESTAMPTZ', 'downloads': 'DOUBLE', 'downloadsAllTime': 'DOUBLE', 'likes': 'DOUBLE',
    'trendingScore': 'DOUBLE',
    'tags': 'VARCHAR[]', 'pipeline_tag': 'VARCHAR', 'library_name': 'VARCHAR', 'gated': 'VARCHAR',
    'private': 'BOOLEAN', 'disabled': 'BOOLEAN', 'safetensors': 'STRUCT(total DOUBLE)',
    'baseModels': 'STRUCT(relation VARCHAR, models STRUCT(_id VARCHAR, id VARCHAR)[])'
})
"""

history = History(
    shape="hub_model",
    keys="hub_repository_key",
    versions="hub_version",
    counters="hub_counter",
    crawls="hub_crawl",
    identity="hub_id",
    name="repo_id",
    whole="is_whole",
    untold=("card_models",),
    lists=lambda label: label.startswith(LIST_PREFIXES),
    all_of_it=lambda label: label.startswith("models/"),
    read_json=READ_PAGES,
)
