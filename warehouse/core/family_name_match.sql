-- description: Repositories outside a family that carry a word of it in their name or tags, as last listed. One row per family and repository. A name is no proof: Llama is also an architecture many others use.
-- min_rows: 0
-- grain: family_id, repository_key
-- column: family_id VARCHAR references seeds.family.family_id | Family, by seeds.family_word.
-- column: repository_key INTEGER | Repository that is not the family's own.
-- column: in_name BOOLEAN | The repository's name, without the namespace, holds a word.
-- column: in_tags BOOLEAN | A tag holds a word; tags of parents and licences count, those of datasets do not.
-- column: is_listed BOOLEAN | Whether the repository is still listed.
with last as (
    select repository_key, max(observed_at) as observed_at, arg_max(is_listed, observed_at) as is_listed
    from staging.hub_version
    group by repository_key
),

-- Letters stay, all else becomes a space: a word then counts where a space stands on both of its sides.
tag as (
    select tag, concat(' ', regexp_replace(lower(tag), '[^a-z]+', ' ', 'g'), ' ') as text
    from (
        select distinct unnest(tags) as tag
        from staging.hub_version
        semi join last using (repository_key, observed_at)
    )
    where not starts_with(tag, 'dataset:')
),

tag_family as (
    -- The Hub has far fewer tags than tagged repositories.
    select distinct tag.tag, word.family_id
    from tag
    join seeds.family_word as word on contains(tag.text, concat(' ', word.word, ' '))
),

name as (
    -- The Hub allows no other characters in a name.
    select
        repository_key,
        concat(' ', translate(lower(split_part(repo_id, '/', -1)), '0123456789-_.', '             '), ' ') as text,
    from staging.hub_version
    semi join last using (repository_key, observed_at)
),

found as (
    select name.repository_key, word.family_id, true as in_name, false as in_tags
    from (select repository_key, text, unnest(string_split(text, ' ')) as token from name) as name
    join seeds.family_word as word
        on name.token = split_part(word.word, ' ', 1) and contains(name.text, concat(' ', word.word, ' '))
    union all
    select version.repository_key, tag_family.family_id, false as in_name, true as in_tags
    from (
        select repository_key, unnest(tags) as tag
        from staging.hub_version
        semi join last using (repository_key, observed_at)
    ) as version
    join tag_family using (tag)
),

own as (
    select repository.repository_key, family.family_id
    from core.repository_family as family
    join core.repository as repository using (repo_id)
)

select
    found.family_id,
    found.repository_key,
    bool_or(found.in_name) as in_name,
    bool_or(found.in_tags) as in_tags,
    any_value(last.is_listed) as is_listed,
from found
join last using (repository_key)
anti join own using (repository_key, family_id)
group by found.family_id, found.repository_key
