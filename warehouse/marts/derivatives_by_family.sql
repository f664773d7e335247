-- description: Direct derivatives of each family's own repositories, as the Hub counts declared edges. One row per family and day of observation.
-- min_rows: 0
-- grain: family_id, observed_on
-- column: family_id VARCHAR | Family.
-- column: family_name VARCHAR | Name of the family.
-- column: organisation_name VARCHAR | Organisation that releases it.
-- column: region VARCHAR | Region of the organisation.
-- column: observed_on DATE | Day of the capture.
-- column: repositories_counted BIGINT | Own repositories whose children the Hub counted.
-- column: finetune_count BIGINT | Children declared as fine-tunes.
-- column: adapter_count BIGINT | Children declared as adapters.
-- column: quantized_count BIGINT | Children declared as quantized versions.
-- column: merge_count BIGINT | Children declared as merges; a merge of two parents counts at each.
-- column: derivatives_count BIGINT | All direct children.
-- column: previous_observed_on DATE null | Day of the capture before.
-- column: derivatives_added BIGINT null | Change against the capture before, over the repositories counted in both; null on the first.
-- column: is_latest BOOLEAN | True for the newest observation of the family.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture the counts come from.
with counted as (
    select
        family.family_id,
        history.repo_id,
        history.observed_on,
        sum(history.children_count) filter (history.relation = 'finetune') as finetune_count,
        sum(history.children_count) filter (history.relation = 'adapter') as adapter_count,
        sum(history.children_count) filter (history.relation = 'quantized') as quantized_count,
        sum(history.children_count) filter (history.relation = 'merge') as merge_count,
        sum(history.children_count) as derivatives_count,
        max(history.origin) as origin,
        max(history.capture_id) as capture_id,
    from core.derivative_history as history
    join core.repository_family as family using (repo_id)
    group by family.family_id, history.repo_id, history.observed_on
),

day as (
    select
        family_id,
        observed_on,
        lag(observed_on) over (partition by family_id order by observed_on) as previous_observed_on,
    from counted
    group by family_id, observed_on
),

summed as (
    select
        present.family_id,
        present.observed_on,
        count(*) as repositories_counted,
        coalesce(sum(present.finetune_count), 0) as finetune_count,
        coalesce(sum(present.adapter_count), 0) as adapter_count,
        coalesce(sum(present.quantized_count), 0) as quantized_count,
        coalesce(sum(present.merge_count), 0) as merge_count,
        sum(present.derivatives_count) as derivatives_count,
        any_value(day.previous_observed_on) as previous_observed_on,
        sum(present.derivatives_count - before.derivatives_count) as derivatives_added,
        max(present.origin) as origin,
        max(present.capture_id) as capture_id,
    from counted as present
    join day on day.family_id = present.family_id and day.observed_on = present.observed_on
    left join counted as before
        on before.repo_id = present.repo_id and before.observed_on = day.previous_observed_on
    group by present.family_id, present.observed_on
)

select
    summed.family_id,
    family.name as family_name,
    family.organisation_name,
    family.region,
    summed.observed_on,
    summed.repositories_counted,
    summed.finetune_count,
    summed.adapter_count,
    summed.quantized_count,
    summed.merge_count,
    summed.derivatives_count,
    summed.previous_observed_on,
    summed.derivatives_added,
    summed.observed_on = max(summed.observed_on) over (partition by summed.family_id) as is_latest,
    summed.origin,
    summed.capture_id,
from summed
join core.family as family using (family_id)
