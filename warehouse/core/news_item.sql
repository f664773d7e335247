-- description: News items as last observed, with their words. One row per source, document and item.
-- min_rows: 0
-- grain: news_id
-- column: news_id VARCHAR | Hash of source, document and item id.
-- column: source VARCHAR | Source of the item.
-- column: document VARCHAR | Document (feed or file) of the source.
-- column: item_id VARCHAR | The item's id there.
-- column: publisher VARCHAR | Who published it.
-- column: title VARCHAR | Headline.
-- column: url VARCHAR null | Address, as given.
-- column: url_key VARCHAR null | Address without scheme, www, fragment and tracking; null for a bare home page.
-- column: language VARCHAR null | Language code.
-- column: author VARCHAR null | Author as stated.
-- column: published_at TIMESTAMP null | Time of publication, UTC.
-- column: published_text VARCHAR null | The source's own date text.
-- column: published_precision VARCHAR in (second, minute, day, unknown) | Precision of the date.
-- column: first_observed_at TIMESTAMP | First capture that shows it.
-- column: observed_at TIMESTAMP | Last capture that shows it; all other columns are of that capture.
-- column: capture_id VARCHAR | That capture.
-- column: origin VARCHAR | Origin of that capture.
-- column: title_words VARCHAR[] | Words of the headline in lower case; Chinese by character, punctuation as words of its own.
-- column: words VARCHAR[] | Words of headline, summary and body, the same way.
with observed as (
    select
        source,
        document,
        item_id,
        publisher,
        title,
        url,
        concat_ws(chr(10), title, summary, body) as content,
        language,
        author,
        published_at,
        published_text,
        published_precision,
        min(observed_at) over (partition by source, document, item_id) as first_observed_at,
        observed_at,
        capture_id,
        origin,
    from staging.news_item
    qualify row_number() over (partition by source, document, item_id order by observed_at desc, capture_id desc) = 1
),

addressed as (
    select
        source,
        document,
        item_id,
        -- Host in lower case; the path keeps its case, which can matter.
        regexp_extract(url, '^https?://(?:www\.)?([^/?#]+)', 1, 'i').lower() as host,
        regexp_extract(url, '^https?://[^/?#]+([^?#]*)', 1, 'i').rtrim('/') as path,
        list_sort(
            list_filter(
                string_split(regexp_extract(url, '\?([^#]*)', 1), '&'),
                lambda part: part <> '' and not regexp_matches(part, '^(utm_\w+|f|from|ref|spm|source)=')
            )
        ).array_to_string('&') as query,
    from observed
    where url is not null
),

-- Full-width forms become ASCII, families named in Chinese get their Latin name. Addresses, citations, possessives and
-- times and days of the calendar say nothing of what happened.
folded as (
    select
        source,
        document,
        item_id,
        part,
        lower(nfc_normalize(content))
            .translate(
                '０１２３４５６７８９ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．－‐‑–—％',
                '0123456789abcdefghijklmnopqrstuvwxyz.-----%'
            )
            .regexp_replace('https?://[!-~]+|\[\d+\]|[''’]s\b|\d{1,2}:\d{2}(:\d{2})?|\d{1,2}月\d{1,2}日', ' ', 'g')
            .regexp_replace('\b((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?) \d{1,2}\b', '\1', 'g')
            .regexp_replace('通义千问|通義千問|千问|千問', ' qwen ', 'g')
            .regexp_replace('混元', ' hunyuan ', 'g')
            .regexp_replace('豆包', ' doubao ', 'g')
            .regexp_replace('文心一言|文心', ' ernie ', 'g')
            .regexp_extract_all('[a-z0-9]+(?:[.-][a-z0-9]+)*|\p{Han}|[^\s]') as words,
    from (
        select source, document, item_id, 'title' as part, title as content from observed
        union all
        select source, document, item_id, 'all' as part, content from observed
    )
),

worded as (
    select
        source,
        document,
        item_id,
        any_value(words) filter (part = 'title') as title_words,
        any_value(words) filter (part = 'all') as words,
    from folded
    group by source, document, item_id
)

select
    left(md5(concat_ws(chr(31), observed.source, observed.document, observed.item_id)), 16) as news_id,
    observed.source,
    observed.document,
    observed.item_id,
    observed.publisher,
    observed.title,
    observed.url,
    case
        when addressed.path <> '' or addressed.query <> ''
            then concat(addressed.host, addressed.path, '?', addressed.query)
    end as url_key,
    observed.language,
    observed.author,
    observed.published_at,
    observed.published_text,
    observed.published_precision,
    observed.first_observed_at,
    observed.observed_at,
    observed.capture_id,
    observed.origin,
    worded.title_words,
    worded.words,
from observed
join worded using (source, document, item_id)
left join addressed using (source, document, item_id)
