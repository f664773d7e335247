-- description: Abilities of models from all their scores at once: the one-parameter item response (Rasch) model, in its form for averages. One row per fit, replicate and model.
-- description: A standard score is the ability of the model less the difficulty of the item plus what is left over; abilities and difficulties are those with the least weighted squares of what is left over. A tenth of a benchmark's weight says that a model is average: a model with 3 benchmarks is drawn to the mean by 3 %. The scale is the logit, its zero the mean of the models in the fit. (G. Rasch, Probabilistic Models for Some Intelligence and Attainment Tests, 1960; the Epoch Capabilities Index is a relative with a second parameter, the slope of each benchmark.)
-- description: Replicate 0 is the fit itself. The others are a Bayesian bootstrap over benchmarks (D. Rubin, 1981): each benchmark gets a weight from an exponential distribution, made of the digest of its name and of the replicate's number, so that a rebuild gives the same. Solved by turns, difficulties and then abilities; each step is a quarter longer than the solution of the turn and keeps a fifth of the step before (B. Polyak's heavy ball, 1964), which takes a third off the turns.
-- min_rows: 0
-- grain: left_out, replicate, model_id
-- column: left_out VARCHAR | What the fit does without, as in core.quality_score; `nothing` for the fit of everything.
-- column: replicate INTEGER >= 0 | 0 for the fit itself, 1 to 200 for the bootstrap, which only the fit of everything has.
-- column: model_id VARCHAR references seeds.model.model_id | Model.
-- column: ability DOUBLE | Ability in logits.
-- column: rounds INTEGER > 0 | Turns until nothing moved.
-- column: last_change DOUBLE >= 0 | How far the most moved model moved in the last turn.
-- assert: last_change <= 0.001
with recursive used as (
    select
        left_out,
        dense_rank() over (order by item_id)::integer as item,
        dense_rank() over (order by model_id)::integer as model,
        benchmark,
        model_id,
        weight,
        standard_score,
    from core.quality_score
    where weight is not null
),

-- The digest is the same on every machine and in every version, which is not said of hash().
benchmark_weight as (
    select
        replicate::integer as replicate,
        benchmark,
        if(
            replicate = 0,
            1,
            -ln(((md5_number_lower(benchmark || ' ' || replicate) >> 11)::double + 0.5) / 9007199254740992.0)
        ) as benchmark_weight,
    from range(0, 201) as numbers(replicate)
    cross join (select distinct benchmark from used)
),

fit as (
    select
        row_number() over (order by left_out, replicate)::integer as fit,
        left_out,
        replicate,
        -- An interval needs no more than a thousandth of a logit.
        if(replicate = 0, 1e-9, 1e-3) as precision,
    from (select distinct left_out from used)
    join (select distinct replicate from benchmark_weight) on replicate = 0 or left_out = 'nothing'
),

weighted as (
    select
        fit.fit,
        used.item,
        used.model,
        used.weight * benchmark_weight.benchmark_weight as weight,
        used.standard_score,
    from used
    join fit using (left_out)
    join benchmark_weight using (replicate, benchmark)
),

-- Sums are of decimals: those are exact, whatever order threads add them in.
item_weight as (
    select fit, item, sum(weight::decimal(18, 9))::double as weight from weighted group by fit, item
),

model_weight as (
    select fit, model, sum(weight::decimal(18, 9))::double + 0.1 as weight from weighted group by fit, model
),

turn as (
    select
        model_weight.fit, model_weight.model, 0::double as ability, 0::double as step, 1::double as change, 0 as round,
        fit.precision,
    from model_weight
    join fit using (fit)
    union all
    select
        fit,
        model,
        moved - mean as ability,
        moved - mean - ability_before as step,
        max(abs(moved - mean - ability_before)) over (partition by fit) as change,
        round + 1 as round,
        precision,
    from (
        select
            turn.fit,
            turn.model,
            turn.ability as ability_before,
            turn.ability + 1.25 * (solved.total / model_weight.weight - turn.ability) + 0.2 * turn.step as moved,
            sum(moved::decimal(18, 9)) over every / count(*) over every as mean,
            turn.round,
            turn.precision,
        from (
            select
                weighted.fit,
                weighted.model,
                sum((weighted.weight * (weighted.standard_score + item.difficulty))::decimal(18, 9))::double as total,
            from weighted
            join (
                select
                    weighted.fit,
                    weighted.item,
                    sum((weighted.weight * (turn.ability - weighted.standard_score))::decimal(18, 9))::double
                    / any_value(item_weight.weight) as difficulty,
                from weighted
                join turn on turn.fit = weighted.fit and turn.model = weighted.model
                join item_weight on item_weight.fit = weighted.fit and item_weight.item = weighted.item
                where turn.change > turn.precision and turn.round < 5000
                group by weighted.fit, weighted.item
            ) as item on item.fit = weighted.fit and item.item = weighted.item
            group by weighted.fit, weighted.model
        ) as solved
        join turn on turn.fit = solved.fit and turn.model = solved.model
        join model_weight on model_weight.fit = solved.fit and model_weight.model = solved.model
        window every as (partition by turn.fit)
    )
)

select
    fit.left_out,
    fit.replicate,
    named.model_id,
    round(turn.ability, 9) as ability,
    turn.round as rounds,
    turn.change as last_change,
from (select * from turn qualify round = max(round) over (partition by fit)) as turn
join fit using (fit)
join (select distinct model, model_id from used) as named using (model)
