-- description: How the quality index and the order of models move when one source, or all benchmarks of one subject, are left out. One row per thing left out and model of the index.
-- description: The fit without it is moved so that the models it still rates keep their mean index: what is left is how they move against each other. Places are among these models, before and after.
-- min_rows: 0
-- grain: left_out_kind, left_out, model_id
-- column: left_out_kind VARCHAR in (source, subject) | What kind of thing is left out.
-- column: left_out VARCHAR | Source, or subject of benchmarks, that is left out.
-- column: model_id VARCHAR references marts.quality_index.model_id | Model.
-- column: model_name VARCHAR | Its name.
-- column: is_open_weights BOOLEAN | True when the weights can be downloaded.
-- column: quality_index DOUBLE | Index with everything.
-- column: place_of_rated BIGINT null >= 1 | Its place by that index among the models that are rated without it as well.
-- column: index_without DOUBLE null | Index without it; null where too little is left to rate the model.
-- column: place_without BIGINT null >= 1 | Place without it.
-- column: index_change DOUBLE null | Index without it less the index.
-- column: place_change BIGINT null | Places lost without it; below 0 where it gains some.
-- column: benchmarks_without BIGINT >= 0 | Benchmarks left to rate the model on.
-- column: rated_models BIGINT >= 0 | Models rated without it.
with thing as (
    select distinct left_out from core.quality_score where left_out <> 'nothing'
),

evidence as (
    select left_out, model_id, count(distinct benchmark) as benchmarks
    from core.quality_score
    where weight is not null
    group by left_out, model_id
),

together as (
    select
        thing.left_out,
        rated.model_id,
        rated.model_name,
        rated.is_open_weights,
        rated.quality_index,
        10 * fit.ability as points,
        coalesce(evidence.benchmarks, 0) as benchmarks,
    from thing
    cross join marts.quality_index as rated
    left join core.quality_fit as fit
        on fit.left_out = thing.left_out and fit.replicate = 0 and fit.model_id = rated.model_id
    left join evidence on evidence.left_out = thing.left_out and evidence.model_id = rated.model_id
),

moved as (
    select
        *,
        round(
            points
            + (sum((quality_index - points)::decimal(18, 9)) over one / nullif(count(points) over one, 0))::double,
            3
        ) as index_without,
        count(points) over one as rated_models,
    from together
    window one as (partition by left_out)
)

select
    split_part(left_out, ':', 1) as left_out_kind,
    substr(left_out, position(':' in left_out) + 1) as left_out,
    model_id,
    model_name,
    is_open_weights,
    quality_index,
    if(points is null, null, rank() over (partition by left_out, points is null order by quality_index desc))
        as place_of_rated,
    index_without,
    if(points is null, null, rank() over (partition by left_out, points is null order by index_without desc))
        as place_without,
    round(index_without - quality_index, 3) as index_change,
    place_without - place_of_rated as place_change,
    benchmarks as benchmarks_without,
    rated_models,
from moved
