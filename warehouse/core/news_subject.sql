-- description: What an item is about, as far as that can be told: its main models and the particulars it gives. One row per item that has a main model.
-- min_rows: 0
-- grain: news_id
-- column: news_id VARCHAR | Item.
-- column: models VARCHAR[] | Its one or two main models, as model ids or names: those of the headline, else the one that leads the text. Round-ups have no row.
-- column: topic VARCHAR null in (launch, price, funding, legal, incident) | What the headline says happened; null when it says nothing or several things.
-- column: particulars VARCHAR[] | Figures and other models in the text, such as figure:397, figure:trillion or model:kimi-k2.
with named as (
    select
        mention.news_id,
        mention.name,
        mention.mentions,
        mention.lead_mentions,
        mention.in_title,
        coalesce(mention.model_id, mention.name) as model,
    from core.news_mention as mention
),

-- "Qwen3.5" in a text that speaks of Qwen3.5-Plus and no other Qwen3.5 means Qwen3.5-Plus: a name that ends with its
-- version stands for the one longer name beside it, when that is used at least half as often.
longer as (
    select short.news_id, short.name, any_value(long.model) as model
    from named as short
    join named as long on long.news_id = short.news_id and starts_with(long.name, short.name || '-')
    where
        regexp_matches(short.name, '^[a-z-]+[0-9.]+$')
        and not exists (
            select 1
            from named as longest
            where longest.news_id = long.news_id and starts_with(longest.name, long.name || '-')
        )
    group by short.news_id, short.name
    having count(*) = 1 and 2 * any_value(long.mentions) >= any_value(short.mentions)
),

meant as (
    select
        named.news_id,
        coalesce(longer.model, named.model) as model,
        bool_or(named.in_title) as in_title,
        sum(named.lead_mentions) as lead_mentions,
    from named
    left join longer on longer.news_id = named.news_id and longer.name = named.name
    group by all
),

ranked as (
    select
        news_id,
        model,
        in_title,
        lead_mentions,
        count(*) over item as models_in_item,
        count(*) filter (in_title) over item as models_in_title,
        max(lead_mentions) over item as top_mentions,
        count(*) filter (true) over (partition by news_id, lead_mentions) as models_with_as_many,
    from meant
    window item as (partition by news_id)
),

main as (
    select news_id, list(model order by model) as models
    from ranked
    where
        case
            when models_in_title > 0 then in_title and models_in_title <= 2
            else
                lead_mentions = top_mentions
                and models_with_as_many = 1
                and top_mentions >= if(models_in_item = 1, 1, 2)
        end
    group by news_id
),

happening (topic, pattern) as (
    values
        ('launch', '\b(launch|releas|unveil|introduc|debut|announc)|发布|發佈|推出|上线|亮相|正式开源'),
        ('price', '\b(pric(e|es|ing)|discounts?|cheaper|halves)\b|降价|涨价|价格|半价'),
        ('funding', '\b(raises|funding|valuation|ipo)\b|融资|估值|上市'),
        ('legal', '\b(lawsuit|sues|sued|court|settlement)\b|起诉|诉讼'),
        ('incident', '\b(outage|degraded|disruption|errors?|incident|breach)\b|故障|宕机|泄露')
),

happened as (
    select main.news_id, any_value(happening.topic) as topic
    from main
    join core.news_item as item using (news_id)
    join happening on regexp_matches(lower(item.title), happening.pattern)
    group by main.news_id
    having count(*) = 1
),

round_up as (
    select news_id
    from core.news_item
    where
        regexp_matches(
            lower(title),
            '\b(weekly|roundup|round-up|recap|digest|newsletter|this week|week in|announced in)\b'
            || '|周报|早报|晚报|日报|早知道|盘点|一周'
        )
),

-- Small and round numbers, years and the versions of the models named could stand in any text.
figure as (
    select
        news_id,
        case
            when regexp_matches(word, '^trillion') or regexp_matches(word, '^[0-9.]+t$') then 'figure:trillion'
            else 'figure:' || regexp_extract(word, '^[0-9]+(\.[0-9]+)?')
        end as particular,
    from (select news_id, unnest(words) as word from core.news_item)
    where
        regexp_matches(word, '^trillion|^[0-9.]+t$|^[1-9][0-9]*(\.[0-9]+)?(b|bn|k|m|x)?$|^0\.[0-9]+$')
        and not regexp_matches(word, '^([0-9]|1[0-2]|15|24|[2-9]0|[1-9]00+|(19|20)[0-9]{2})$')
    union
    select news_id, 'figure:trillion' as particular
    from core.news_item
    where regexp_matches(array_to_string(words, ''), '[万萬][亿億]|兆')
    except
    select news_id, 'figure:' || regexp_extract(name, '[0-9]+(\.[0-9]+)?') as particular
    from core.news_mention
),

particular as (
    select news_id, list(particular order by particular) as particulars
    from (
        select news_id, particular from figure
        union
        select meant.news_id, 'model:' || meant.model as particular
        from meant
        join main using (news_id)
        where not list_contains(main.models, meant.model)
    )
    group by news_id
)

select
    main.news_id,
    main.models,
    happened.topic,
    coalesce(particular.particulars, []) as particulars,
from main
left join happened on happened.news_id = main.news_id
left join particular on particular.news_id = main.news_id
where main.news_id not in (select news_id from round_up)
