-- description: Levels of 30-day downloads that jumped without their peers, as a new counting rule that works backwards makes them. One row per repository or library and capture.
-- min_rows: 0
-- grain: kind, subject, observed_at
-- column: kind VARCHAR in (single, library) | single: one repository moved by a factor of 3 or more, at 10,000 downloads or more on the higher side and 1,000 on the lower, 3 times as far as its own largest step of the 14 days before and as the median of its peers, and not in the first 7 days after it became public; library: the median repository of a library, of at least 20, moved by a quarter or more against the median of at least 3 other libraries.
-- column: subject VARCHAR | Repository id, or name of the library.
-- column: repository_key INTEGER null | Repository; null for a library.
-- column: observed_at TIMESTAMP | First capture on the new level, UTC.
-- column: observed_on DATE | Its day.
-- column: downloads_30d_before BIGINT null | 30-day downloads at the observation before; null for a library.
-- column: downloads_30d BIGINT null | 30-day downloads now; null for a library.
-- column: ratio DOUBLE > 0 | Now against before; for a library the median over its repositories.
-- column: own_ratio DOUBLE null >= 1 | Largest step either way of the 14 days before, of at least 2 known ones, as a factor; null for a library.
-- column: peers VARCHAR | Peers it is held against: of its library, task, organisation and all, with at least 4 repositories (itself among them), those that moved most like it; other libraries for a library.
-- column: peer_ratio DOUBLE | Their median ratio.
-- column: peer_repositories BIGINT > 0 | How many they are; for a library the number of other libraries.
-- column: is_echo BOOLEAN | It undoes a jump of 29 to 31 days before, as a burst of one day does when it leaves the window.
-- column: is_catch_up BOOLEAN null | The capture covers several days after a stale one.
-- column: origin VARCHAR | Origin of the capture.
-- column: capture_id VARCHAR | Capture that shows it.
with candidate as (
    select
        counter.repository_key,
        repository.repo_id,
        counter.observed_at,
        counter.downloads_30d_before,
        counter.downloads_30d,
        counter.downloads_30d / counter.downloads_30d_before as ratio,
        coalesce(repository.library_name, 'none') as library,
        coalesce(repository.pipeline_tag, 'none') as task,
        coalesce(repository.organisation_id, 'none') as organisation,
    from staging.hub_counter as counter
    join core.repository as repository using (repository_key)
    where greatest(counter.downloads_30d, counter.downloads_30d_before) >= 10000
        and least(counter.downloads_30d, counter.downloads_30d_before) >= 1000
        and greatest(counter.downloads_30d, counter.downloads_30d_before)
        >= 3 * least(counter.downloads_30d, counter.downloads_30d_before)
        -- A new release rises from nothing for a week; that is no jump.
        and counter.observed_at >= coalesce(
            if(
                repository.first_seen_at > (select min(observed_at) from core.hub_crawl),
                greatest(repository.created_at, repository.first_seen_at),
                repository.created_at
            ) + interval 7 days,
            counter.observed_at
        )
),

recent as (
    select
        candidate.repository_key,
        candidate.observed_at,
        max(earlier.observed_at) as counted_at,
        if(count(steps.ratio) >= 2, max(steps.ratio), null) as own_ratio,
    from candidate
    join staging.hub_counter as earlier
        on earlier.repository_key = candidate.repository_key
        and earlier.observed_at < candidate.observed_at
        and earlier.observed_at >= candidate.observed_at - interval 14 days
    cross join lateral (
        select
            case
                when least(earlier.downloads_30d, earlier.downloads_30d_before) >= 100
                    and earlier.downloads_30d_before is not null and earlier.downloads_30d is not null
                    then greatest(earlier.downloads_30d, earlier.downloads_30d_before)
                        / least(earlier.downloads_30d, earlier.downloads_30d_before)
            end as ratio
    ) as steps
    group by candidate.repository_key, candidate.observed_at
),

peer as (
    -- Of the groups it belongs to, the one that moved most like it: a jump has to stand out from them all.
    select
        candidate.repository_key,
        candidate.observed_at,
        step.peers,
        step.ratio_median as peer_ratio,
        step.repositories as peer_repositories,
    from candidate
    join core.download_step as step
        on step.observed_at = candidate.observed_at
        and (
            step.peers = 'all'
            or (step.peers = 'library' and step.value = candidate.library)
            or (step.peers = 'task' and step.value = candidate.task)
            or (step.peers = 'organisation' and step.value = candidate.organisation)
        )
    where step.repositories >= 4 and step.ratio_median > 0 and (step.peers = 'all' or step.value <> 'none')
    qualify row_number() over (
        partition by candidate.repository_key, candidate.observed_at
        order by abs(ln(candidate.ratio / step.ratio_median)), step.peers
    ) = 1
),

single as (
    select candidate.*, recent.own_ratio, peer.peers, peer.peer_ratio, peer.peer_repositories
    from candidate
    asof left join (select observed_at as crawled_at from core.hub_crawl where coverage = 'whole_hub') as crawl
        on crawl.crawled_at < candidate.observed_at
    join recent using (repository_key, observed_at)
    join peer using (repository_key, observed_at)
    -- A step over a gap in the captures is no step of a day.
    where candidate.observed_at <= greatest(recent.counted_at, crawl.crawled_at) + interval 4 days
        and abs(ln(candidate.ratio / peer.peer_ratio)) >= ln(3)
        and greatest(candidate.ratio, 1 / candidate.ratio) >= 3 * recent.own_ratio
),

library as (
    select
        this.value,
        this.observed_at,
        any_value(this.ratio_median) as ratio,
        round(median(other.ratio_median), 4) as peer_ratio,
        count(*) as peer_repositories,
    from core.download_step as this
    join core.download_step as other
        on other.observed_at = this.observed_at and other.peers = 'library' and other.value <> this.value
    where this.peers = 'library' and this.value <> 'none' and this.repositories >= 20 and other.repositories >= 20
    group by this.value, this.observed_at
    having count(*) >= 3
),

jump as (
    select
        'single' as kind,
        repo_id as subject,
        repository_key,
        observed_at,
        downloads_30d_before,
        downloads_30d,
        ratio,
        own_ratio,
        peers,
        peer_ratio,
        peer_repositories,
    from single
    union all by name
    select
        'library' as kind,
        value as subject,
        observed_at,
        ratio,
        'other libraries' as peers,
        peer_ratio,
        peer_repositories,
    from library
    where ratio >= 1.25 * peer_ratio or ratio <= 0.8 * peer_ratio
)

select
    jump.kind,
    jump.subject,
    jump.repository_key,
    jump.observed_at,
    jump.observed_at::date as observed_on,
    jump.downloads_30d_before,
    jump.downloads_30d,
    round(jump.ratio, 4) as ratio,
    round(jump.own_ratio, 4) as own_ratio,
    jump.peers,
    jump.peer_ratio,
    jump.peer_repositories,
    exists (
        from jump as earlier
        where earlier.kind = jump.kind
            and earlier.subject = jump.subject
            and jump.observed_at::date - earlier.observed_at::date between 29 and 31
            and (earlier.ratio > 1) <> (jump.ratio > 1)
    ) as is_echo,
    crawl.is_catch_up,
    crawl.origin,
    crawl.capture_id,
from jump
join core.hub_crawl as crawl on crawl.observed_at = jump.observed_at
