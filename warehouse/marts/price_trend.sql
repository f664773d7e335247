-- description: How fast the price to reach a level falls: a straight line through the logarithm of the price at each step of marts.price_to_reach over its first day, by least squares. One row per series, metric, threshold and variant.
-- min_rows: 0
-- grain: series_id, metric, threshold, variant
-- assert: (why_no_factor is null) = (factor_per_year is not null)
-- assert: factor_per_year is null or (n >= 4 and ci_low <= factor_per_year and factor_per_year <= ci_high)
-- column: series_id VARCHAR | Series within which scores are comparable.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Name of the benchmark.
-- column: benchmark_version VARCHAR null | Version or release.
-- column: metric VARCHAR | What the number is.
-- column: threshold DOUBLE | Score to reach, in percent for shares, else on the benchmark's own scale.
-- column: milestone VARCHAR | Model whose score it is.
-- column: threshold_source VARCHAR | Where that score comes from.
-- column: variant VARCHAR in (epoch_frozen, live) | How prices are taken.
-- column: n BIGINT >= 0 | Steps the line goes through; 0 where no model with a price reaches the level.
-- column: factor_per_year DOUBLE null > 0 | By how much the price is divided in 365 days: 10 to the power of -365 times the slope; below 1 the price rose. Null with fewer than 4 steps.
-- column: ci_low DOUBLE null > 0 | Lower end of its 90 % interval, from the standard error of the slope and Student's t with n - 2 degrees of freedom.
-- column: ci_high DOUBLE null > 0 | Upper end of the same.
-- column: t_quantile_95 DOUBLE null > 0 | Quantile used for the interval, of seeds.student_t.
-- column: r2 DOUBLE null >= 0 | Share of the variance of the logarithm that the line explains.
-- column: why_no_factor VARCHAR null in (no_step, fewer_than_4_steps, out_of_range) | Why no factor is given; out_of_range = the line is so steep that the factor or its interval has no number.
-- column: first_on DATE null | First day of the first step.
-- column: last_on DATE null | First day of the last step.
-- column: first_usd_per_mtok DOUBLE null > 0 | Price of the first step.
-- column: last_usd_per_mtok DOUBLE null > 0 | Price of the last step.
-- column: late_prices BIGINT >= 0 | Steps of the Epoch variant whose price is first known more than 90 days after the model's release.
-- column: self_reported BIGINT >= 0 | Steps whose score only the model's own vendor reports.
-- column: definition VARCHAR | What is measured, in a sentence.
with moved as (
    select
        *,
        -- Whole days from the first step on keep the sums small.
        began_on - min(began_on) over (partition by series_id, metric, threshold, variant) as day_number,
        log10(usd_per_mtok) as log_price,
    from marts.price_to_reach
),

-- Rounded: the sum of floating-point numbers depends on the order in which threads add them.
summed as (
    select
        series_id,
        metric,
        threshold,
        variant,
        count(*) as n,
        round(regr_slope(log_price, day_number), 15) as slope,
        round(regr_r2(log_price, day_number), 9) as r2,
        round(regr_sxx(log_price, day_number), 6) as sxx,
        round(greatest(regr_syy(log_price, day_number) - slope * regr_sxy(log_price, day_number), 0), 12) as residual,
        min(began_on) as first_on,
        max(began_on) as last_on,
        arg_min(usd_per_mtok, began_on) as first_usd_per_mtok,
        arg_max(usd_per_mtok, began_on) as last_usd_per_mtok,
        count_if(variant = 'epoch_frozen' and price_first_on > released_on + 90) as late_prices,
        count_if(is_self_reported) as self_reported,
    from moved
    group by all
),

fitted as (
    select
        *,
        coalesce(student.quantile_95, many.quantile_95) as t_quantile_95,
        t_quantile_95 * sqrt(residual / (n - 2) / sxx) as half_width,
        10 ** (-365 * slope) as factor,
        10 ** (-365 * (slope + half_width)) as low,
        10 ** (-365 * (slope - half_width)) as high,
        low > 0 and isfinite(high) as is_in_range,
    from summed
    left join seeds.student_t as student on student.degrees_of_freedom = summed.n - 2
    join seeds.student_t as many on many.degrees_of_freedom is null
    where n >= 4
)

select
    level.series_id,
    level.benchmark,
    level.benchmark_name,
    level.benchmark_version,
    level.metric,
    level.threshold,
    level.milestone,
    level.source as threshold_source,
    variant.variant,
    coalesce(summed.n, 0) as n,
    if(is_in_range, factor, null) as factor_per_year,
    if(is_in_range, low, null) as ci_low,
    if(is_in_range, high, null) as ci_high,
    fitted.t_quantile_95,
    fitted.r2,
    case
        when summed.n is null then 'no_step'
        when summed.n < 4 then 'fewer_than_4_steps'
        when not is_in_range then 'out_of_range'
    end as why_no_factor,
    summed.first_on,
    summed.last_on,
    summed.first_usd_per_mtok,
    summed.last_usd_per_mtok,
    coalesce(summed.late_prices, 0) as late_prices,
    coalesce(summed.self_reported, 0) as self_reported,
    'Lowest blended 3:1 price in US dollars per million tokens of a model with at least '
    || printf('%.10g', level.threshold) || ' on ' || level.benchmark_name || coalesce(' ' || level.benchmark_version, '')
    || ', ' || variant.words || '; factor per year from a line through log10(price) at each step.' as definition,
from marts.price_level as level
cross join (
    values
        ('epoch_frozen', 'each model from its release on at its first known price, without models that reason'),
        ('live', 'at the price in force on each day, each model from the day its score was known')
) as variant(variant, words)
left join summed
    on summed.series_id = level.series_id
    and summed.metric = level.metric
    and summed.threshold = level.threshold
    and summed.variant = variant.variant
left join fitted
    on fitted.series_id = level.series_id
    and fitted.metric = level.metric
    and fitted.threshold = level.threshold
    and fitted.variant = variant.variant
