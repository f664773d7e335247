-- description: Repositories and families whose 30-day downloads rose or fell most from the end of one week to the end of the next, with what may explain it besides use. One row per week and subject: the fifty furthest each way, by difference and by ratio, of the last nine weeks. What left the Hub that week is not among the falls.
-- min_rows: 0
-- grain: kind, subject, week_from
-- column: kind VARCHAR in (repository, family) | What moved. Repositories count from 10,000 downloads in 30 days on, at either end.
-- column: subject VARCHAR | Repository id, or family id.
-- column: week_from DATE | Monday of the week.
-- column: downloads_30d_before BIGINT null | 30-day downloads at the end of the week before; for a family over the repositories known at both ends. Null for a repository first seen this week.
-- column: downloads_30d BIGINT | At the end of this week, or as far as it was observed.
-- column: change BIGINT | Difference; for a repository first seen this week all of it.
-- column: change_ratio DOUBLE null | Now against before; null without a before, or one of 0.
-- column: rank_rise BIGINT null | Place among the rises by difference; null outside the first fifty.
-- column: rank_fall BIGINT null | Place among the falls by difference.
-- column: rank_rise_ratio BIGINT null | Place among the rises by ratio, from 1,000 downloads before on.
-- column: rank_fall_ratio BIGINT null | Place among the falls by ratio, from 1,000 downloads before on.
-- column: repositories BIGINT > 0 | Repositories compared; 1 for a repository.
-- column: is_revised BOOLEAN | The Hub took downloads of it back that week.
-- column: is_jump BOOLEAN | Its level, or that of its library, jumped without its peers that week: see marts.download_jump.
-- column: is_stale BOOLEAN | The last capture of one of the two weeks was stale or partial.
-- column: is_launch BOOLEAN | Repositories: it became public within the 30 days before the end of the week: a window that still fills.
-- column: is_new BOOLEAN | Repositories: first seen that week.
-- column: is_renamed BOOLEAN | Repositories: it changed its name that week.
-- column: observed_on DATE | Last day observed that week.
-- column: compared_with_on DATE | Last day observed the week before.
-- column: coverage VARCHAR | Coverage of that last capture.
with week as (
    select
        date_trunc('week', observed_on)::date as week_from,
        min(observed_at) as starts_at,
        max(observed_at) as ends_at,
        max(observed_on) as observed_on,
        arg_max(coverage, observed_at) as coverage,
        coalesce(arg_max(is_stale or is_partial, observed_at), false) as is_stale,
    from core.hub_crawl
    where coverage <> 'part'
    group by date_trunc('week', observed_on)
),

compared as (
    select
        this.*,
        before.observed_on as compared_with_on,
        this.is_stale or before.is_stale as is_suspect,
    from week as this
    join week as before on before.week_from = this.week_from - 7
    qualify row_number() over (order by this.week_from desc) <= 9
),

moment as (
    select capture.observed_at, compared.week_from
    from staging.hub_crawl as capture
    join compared on compared.week_from = date_trunc('week', capture.observed_at)
),

large as (
    select distinct moment.week_from, counter.repository_key
    from staging.hub_counter as counter
    join moment using (observed_at)
    where greatest(counter.downloads_30d, counter.downloads_30d_before) >= 10000
),

-- Every row tells the value before it, so the week's first row tells where the week began.
moved as (
    select
        large.week_from,
        large.repository_key,
        arg_min_null(counter.downloads_30d_before, counter.observed_at) as downloads_30d_before,
        arg_max(counter.downloads_30d, counter.observed_at) as downloads_30d,
        bool_or(counter.downloads_all_time < counter.downloads_all_time_before) as is_revised,
    from staging.hub_counter as counter
    join moment using (observed_at)
    join large on large.week_from = moment.week_from and large.repository_key = counter.repository_key
    group by large.week_from, large.repository_key
),

-- In the week before a whole crawl, or a list that showed it, must have told the value the week began with.
known as (
    select compared.week_from, null as repository_key
    from compared
    join core.hub_crawl as crawl
        on crawl.coverage = 'whole_hub' and date_trunc('week', crawl.observed_on) = compared.week_from - 7
    union
    select large.week_from, counter.repository_key
    from large
    join core.hub_crawl as crawl
        on crawl.coverage = 'watched' and date_trunc('week', crawl.observed_on) = large.week_from - 7
    join staging.hub_counter as counter
        on counter.observed_at = crawl.observed_at and counter.repository_key = large.repository_key
),

other_name as (
    select distinct later.repository_key, date_trunc('week', later.valid_from)::date as week_from
    from core.repository_name as later
    join core.repository_name as earlier
        on earlier.repository_key = later.repository_key
        and earlier.valid_from < later.valid_from
        and earlier.repo_id <> later.repo_id
    where later.repository_key in (select repository_key from large)
),

jump as (
    select distinct kind, subject, repository_key, date_trunc('week', observed_on)::date as week_from
    from marts.download_jump
),

weekly as (
    select
        repository_key,
        date_trunc('week', observed_on)::date as week_from,
        arg_max(downloads_30d, observed_on) as downloads_30d,
        bool_or(is_revision) as is_revised,
    from core.download_history
    where observed_on >= (select min(week_from) - 7 from compared)
    group by repository_key, date_trunc('week', observed_on)
),

repository as (
    select
        'repository' as kind,
        told.repo_id as subject,
        told.repository_key,
        moved.week_from,
        moved.downloads_30d_before,
        moved.downloads_30d,
        1 as repositories,
        coalesce(moved.is_revised, false) as is_revised,
        exists (
            from jump
            where jump.week_from = moved.week_from
                and (
                    jump.repository_key = moved.repository_key
                    or (jump.kind = 'library' and jump.subject = told.library_name)
                )
        ) as is_jump,
        coalesce(
            greatest(
                told.created_at,
                if(told.first_seen_at > (select min(observed_at) from core.hub_crawl), told.first_seen_at, null)
            ) > compared.ends_at - interval 30 days,
            false
        ) as is_launch,
        told.first_seen_at >= compared.starts_at as is_new,
        exists (
            from other_name
            where other_name.repository_key = moved.repository_key and other_name.week_from = moved.week_from
        ) as is_renamed,
    from moved
    join compared using (week_from)
    join core.repository as told using (repository_key)
    where moved.downloads_30d is not null
        and (moved.downloads_30d_before is not null or told.first_seen_at >= compared.starts_at)
        and (
            told.first_seen_at >= compared.starts_at
            or exists (
                from known
                where known.week_from = moved.week_from
                    and (known.repository_key is null or known.repository_key = moved.repository_key)
            )
        )
        -- What left the Hub did not fall.
        and not exists (
            from core.presence_change as gone
            where gone.repository_key = moved.repository_key
                and not gone.is_listed
                and date_trunc('week', gone.observed_at) = moved.week_from
        )
),

family as (
    select
        'family' as kind,
        own.family_id as subject,
        null as repository_key,
        this.week_from,
        sum(before.downloads_30d) as downloads_30d_before,
        sum(this.downloads_30d) as downloads_30d,
        count(*) as repositories,
        bool_or(this.is_revised) as is_revised,
        bool_or(exists (
            from jump where jump.repository_key = own.repository_key and jump.week_from = this.week_from
        )) as is_jump,
        false as is_launch,
        false as is_new,
        false as is_renamed,
    from weekly as this
    join weekly as before on before.repository_key = this.repository_key and before.week_from = this.week_from - 7
    join compared on compared.week_from = this.week_from
    join core.watched_repository as own on own.repository_key = this.repository_key
    where own.family_id is not null and before.downloads_30d is not null and this.downloads_30d is not null
    group by own.family_id, this.week_from
),

ranked as (
    select
        *,
        downloads_30d - coalesce(downloads_30d_before, 0) as change,
        round(downloads_30d / nullif(downloads_30d_before, 0), 4) as change_ratio,
        row_number() over (partition by kind, week_from order by change desc, subject) as rank_rise,
        row_number() over (partition by kind, week_from order by change, subject) as rank_fall,
        row_number() over (
            partition by kind, week_from, downloads_30d_before >= 1000 order by change_ratio desc nulls last, subject
        ) as rank_rise_ratio,
        row_number() over (
            partition by kind, week_from, downloads_30d_before >= 1000 order by change_ratio nulls last, subject
        ) as rank_fall_ratio,
    from (from repository union all by name from family)
),

placed as (
    select
        * replace (
            if(rank_rise <= 50 and change > 0, rank_rise, null) as rank_rise,
            if(rank_fall <= 50 and change < 0, rank_fall, null) as rank_fall,
            if(rank_rise_ratio <= 50 and change > 0 and downloads_30d_before >= 1000, rank_rise_ratio, null)
                as rank_rise_ratio,
            if(rank_fall_ratio <= 50 and change < 0 and downloads_30d_before >= 1000, rank_fall_ratio, null)
                as rank_fall_ratio
        ),
    from ranked
)

select
    placed.kind,
    placed.subject,
    placed.week_from,
    placed.downloads_30d_before,
    placed.downloads_30d,
    placed.change,
    placed.change_ratio,
    placed.rank_rise,
    placed.rank_fall,
    placed.rank_rise_ratio,
    placed.rank_fall_ratio,
    placed.repositories,
    placed.is_revised,
    placed.is_jump,
    compared.is_suspect as is_stale,
    placed.is_launch,
    placed.is_new,
    placed.is_renamed,
    compared.observed_on,
    compared.compared_with_on,
    compared.coverage,
from placed
join compared using (week_from)
where coalesce(placed.rank_rise, placed.rank_fall, placed.rank_rise_ratio, placed.rank_fall_ratio) is not null
