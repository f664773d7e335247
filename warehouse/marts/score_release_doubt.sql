-- description: Release dates that a source of scores states although the model was released more than 180 days later; they are not used. One row per source, document, name and stated day.
-- min_rows: 0
-- grain: source, document, model_name, stated_on
-- column: source VARCHAR | Source of the score.
-- column: document VARCHAR | Document of the source.
-- column: model_name VARCHAR | Name as written.
-- column: model_id VARCHAR references seeds.model.model_id | Model by the reviewed names.
-- column: stated_on DATE | Release date as the source states it.
-- column: released_on DATE | Release date as reviewed.
-- column: days_early INTEGER > 180 | Days the stated day lies before the reviewed one.
-- column: first_observed_at TIMESTAMP | Oldest capture that states it, UTC.
-- column: last_observed_at TIMESTAMP | Newest capture that states it, UTC.
select
    score.source,
    score.document,
    score.model_name,
    name.model_id,
    score.model_released_on as stated_on,
    model.released_on,
    model.released_on - score.model_released_on as days_early,
    min(score.observed_at) as first_observed_at,
    max(score.observed_at) as last_observed_at,
from staging.score as score
join core.score_name as name
    on name.source = score.source
    and name.model_name = score.model_name
    and name.effort is not distinct from score.effort
join seeds.model as model on model.model_id = name.model_id
where score.model_released_on < model.released_on - 180
group by all
