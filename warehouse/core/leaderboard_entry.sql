-- description: Entries of leaderboards with their place, in every publication. One row per board, publication and entry.
-- min_rows: 0
-- grain: board_id, position, entry
-- column: board_id VARCHAR | Board, as in core.leaderboard_publication.
-- column: position BIGINT >= 1 | Publication.
-- column: entry VARCHAR | What is the same from one publication to the next: the model where its name is matched and the list never has it twice, else the name, normalised where that never makes two one; with effort, mode, harness and evaluator.
-- column: model_name VARCHAR | Name as written.
-- column: effort VARCHAR null | Reasoning effort or mode.
-- column: mode VARCHAR null in (thinking, non_thinking) | Whether the model thought before it answered.
-- column: harness VARCHAR null | Agent or harness.
-- column: evaluator VARCHAR | Who ran the evaluation.
-- column: model_id VARCHAR null references seeds.model.model_id | Model; null while unmatched.
-- column: score DOUBLE | Score on the source's own scale.
-- column: score_points DOUBLE | The same in points: percent for shares, else the source's own scale.
-- column: evaluated_on DATE null | Day of the evaluation, where stated.
-- column: url VARCHAR null | Page that states the score.
-- column: place BIGINT null >= 1 | Place in the list, equal scores share one; null where the registry does not say which end is the better.
-- column: first_position BIGINT >= 1 | First publication of the board that lists the entry.
with written as (
    select
        publication.board_id,
        publication.position,
        publication.list_id,
        benchmark.higher_is_better,
        score.model_name,
        normalise_name(score.model_name) as normalised_name,
        score.effort,
        score.mode,
        score.harness,
        score.evaluator,
        score.model_id,
        score.score,
        coalesce(score.score_pct, score.score) as score_points,
        score.evaluated_on,
        score.url,
    from core.score as score
    join core.leaderboard_publication as publication
        on publication.capture_id = score.capture_id
        and publication.source = score.source
        and publication.document = score.document
        and publication.benchmark = score.benchmark
        and publication.metric = score.metric
        and publication.category is not distinct from score.category
        and publication.judge is not distinct from score.judge
        and publication.is_self_reported = score.is_self_reported
        and publication.series_id = score.series_id
        and (not publication.is_refitted or publication.benchmark_version = score.benchmark_version)
    left join seeds.benchmark as benchmark on benchmark.benchmark = score.benchmark
    qualify row_number() over (
        partition by publication.board_id, publication.position, score.model_name, score.effort, score.mode,
            score.harness, score.evaluator
        order by score.evaluated_on desc nulls last, score.benchmark_version desc nulls last, score_points desc
    ) = 1
),

-- A list may have two names of one model side by side (dated snapshots): these keep their names.
counted as (
    select
        *,
        count(*) over (
            partition by board_id, position, model_id, effort, mode, harness, evaluator
        ) as namesakes,
        count(*) over (
            partition by board_id, position, normalised_name, effort, mode, harness, evaluator
        ) as lookalikes,
    from written
),

named as (
    select
        *,
        model_id is not null and max(namesakes) over (
            partition by list_id, model_id, effort, mode, harness, evaluator
        ) = 1 as is_one_model,
        max(lookalikes) over (
            partition by list_id, normalised_name, effort, mode, harness, evaluator
        ) = 1 as is_one_name,
    from counted
)

select
    board_id,
    position,
    row(
        if(is_one_model, model_id, if(is_one_name, normalised_name, model_name)),
        is_one_model, effort, mode, harness, evaluator
    )::varchar as entry,
    model_name,
    effort,
    mode,
    harness,
    evaluator,
    model_id,
    score,
    score_points,
    evaluated_on,
    url,
    case
        when higher_is_better is not null then rank() over (
            partition by board_id, position
            order by if(higher_is_better, -score_points, score_points)
        )
    end as place,
    min(position) over (partition by board_id, entry) as first_position,
from named
