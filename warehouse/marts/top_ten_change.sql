-- description: What entered and left each top ten and what moved within it, in every publication, against the one before and against the one in force a week earlier. One row per board, publication, comparison and entry that is in the top ten of either.
-- description: Lists of more than ten entries, without what vendors say of their own models; equal scores share a place, so that a top ten may hold more than ten.
-- min_rows: 0
-- grain: board_id, published_at, comparison, entry
-- column: board_id VARCHAR | Board, as in core.leaderboard_publication.
-- column: published_at TIMESTAMP | Publication.
-- column: comparison VARCHAR in (previous, week) | What it is held against: the publication before, or the newest that is at least seven days older.
-- column: entry VARCHAR | Entry, as in core.leaderboard_entry.
-- column: source VARCHAR | Source.
-- column: document VARCHAR | Document of the source.
-- column: benchmark VARCHAR | Benchmark.
-- column: benchmark_name VARCHAR | Its name.
-- column: metric VARCHAR | What the number is.
-- column: category VARCHAR null | Category; null for the whole benchmark.
-- column: judge VARCHAR null | Model that graded the answers.
-- column: series_id VARCHAR | Series of the publication.
-- column: is_current_series BOOLEAN | True when no later series of the list is known.
-- column: is_newest BOOLEAN | True for the newest publication of the board.
-- column: published_before_at TIMESTAMP | Publication it is held against.
-- column: entries BIGINT | Entries listed.
-- column: entries_before BIGINT | Entries listed before.
-- column: is_cut BOOLEAN | True when the list is a part of what it was: half or fewer of the most it ever held, or shorter than before by entries of which at least half stood below its new end; so until it is as long again.
-- column: model_name VARCHAR | Name as written.
-- column: effort VARCHAR null | Effort or mode.
-- column: harness VARCHAR null | Agent or harness.
-- column: model_id VARCHAR null | Model, where matched.
-- column: change VARCHAR in (entered, left, moved, stayed) | Moved and stayed are of those in both top tens.
-- column: reason VARCHAR null in (new_model, relisted, overtaken, removed, not_listed, renamed_list) | Why it entered or left. Entered: new_model = the board lists it for the first time since; relisted = it was listed earlier but not before; overtaken = it overtook one that stood above it; removed = those above it are no longer listed; not_listed = the list before was cut, so nothing is known of it. Either: renamed_list = fewer than half of the names before are still there though the list is not cut, so that it may stand under another. Left: overtaken; removed = no longer listed though the list is not cut; not_listed = the list is cut, so it may stand below its end.
-- column: place BIGINT null | Place now; null when not listed.
-- column: place_before BIGINT null | Place before; null when not listed.
-- column: score DOUBLE null | Score now, on the source's own scale.
-- column: score_before DOUBLE null | Score before.
-- column: capture_id VARCHAR | Capture of the publication.
-- column: capture_id_before VARCHAR | Capture of the one before.
-- column: observed_at TIMESTAMP | Time of the capture of the publication.
-- column: origin VARCHAR | Origin of it.
with publication as (
    select * from core.leaderboard_publication where not is_self_reported
),

-- Entries that are not in the next publication of their board.
missing as (
    select entry.board_id, entry.position + 1 as position, entry.place
    from core.leaderboard_entry as entry
    join publication on publication.board_id = entry.board_id and publication.position = entry.position
    where entry.place is not null
        and not publication.is_newest
        and not exists (
            select 1
            from core.leaderboard_entry as next
            where next.board_id = entry.board_id and next.position = entry.position + 1 and next.entry = entry.entry
        )
),

shortened as (
    select
        publication.board_id,
        publication.position,
        if(
            2 * publication.entries <= max(publication.entries) over so_far,
            max(publication.entries) over so_far,
            lag(publication.entries) over so_far
        ) as held_before,
        publication.entries < held_before
        and (2 * publication.entries <= held_before or 2 * coalesce(lost.below_the_end, 0) >= lost.entries)
            as is_shortened,
    from publication
    left join (
        select
            missing.board_id,
            missing.position,
            count(*) as entries,
            count_if(missing.place > publication.entries) as below_the_end,
        from missing
        join publication using (board_id, position)
        group by all
    ) as lost
        on lost.board_id = publication.board_id and lost.position = publication.position
    window so_far as (partition by publication.board_id order by publication.position)
),

-- A list that was cut stays so until it is as long again.
cut as (
    select
        publication.board_id,
        publication.position,
        exists (
            select 1
            from shortened
            where shortened.is_shortened
                and shortened.board_id = publication.board_id
                and shortened.position <= publication.position
                and shortened.held_before > publication.entries
        ) as is_cut,
    from publication
),

against as (
    select board_id, position, 'previous' as comparison, position - 1 as position_before
    from publication
    where position > 1
    union all
    select newer.board_id, newer.position, 'week' as comparison, week_ago.position as position_before
    from publication as newer
    asof join (select board_id, position, published_at + interval 7 day as published_at from publication) as week_ago
        on week_ago.board_id = newer.board_id and week_ago.published_at <= newer.published_at
),

pair as (
    select
        after.*,
        against.comparison,
        against.position_before,
        before.published_at as published_before_at,
        before.entries as entries_before,
        before.capture_id as capture_id_before,
        cut.is_cut,
        cut_before.is_cut as was_cut_before,
    from against
    join publication as after using (board_id, position)
    join publication as before on before.board_id = against.board_id and before.position = against.position_before
    join cut on cut.board_id = against.board_id and cut.position = against.position
    join cut as cut_before
        on cut_before.board_id = against.board_id and cut_before.position = against.position_before
    where greatest(after.entries, before.entries) > 10
),

-- How the two lists hang together. One that was cut to its top grows downwards.
overlap as (
    select
        pair.board_id,
        pair.position,
        pair.comparison,
        count(before.entry) as common,
        count(*) - common as added,
        count_if(before.entry is null and after.place > pair.entries_before) as added_below,
    from pair
    join core.leaderboard_entry as after on after.board_id = pair.board_id and after.position = pair.position
    left join core.leaderboard_entry as before
        on before.board_id = pair.board_id and before.position = pair.position_before and before.entry = after.entry
    group by all
),

in_either as (
    select pair.board_id, pair.position, pair.comparison, entry.entry
    from pair
    join core.leaderboard_entry as entry on entry.board_id = pair.board_id and entry.position = pair.position
    where entry.place <= 10
    union
    select pair.board_id, pair.position, pair.comparison, entry.entry
    from pair
    join core.leaderboard_entry as entry on entry.board_id = pair.board_id and entry.position = pair.position_before
    where entry.place <= 10
),

placed as (
    select
        pair.*,
        pair.was_cut_before
        or (2 * pair.entries_before <= pair.entries and overlap.added_below >= 0.8 * overlap.added) as was_cut,
        2 * overlap.common < pair.entries_before and not pair.is_cut as is_renamed,
        in_either.entry,
        coalesce(after.model_name, before.model_name) as model_name,
        coalesce(after.effort, before.effort) as effort,
        coalesce(after.harness, before.harness) as harness,
        coalesce(after.model_id, before.model_id) as model_id,
        after.place,
        before.place as place_before,
        after.score,
        before.score as score_before,
        after.first_position,
        case
            when before.place <= 10 and after.place <= 10 then if(before.place = after.place, 'stayed', 'moved')
            when after.place <= 10 then 'entered'
            else 'left'
        end as change,
    from in_either
    join pair using (board_id, position, comparison)
    join overlap using (board_id, position, comparison)
    left join core.leaderboard_entry as after
        on after.board_id = in_either.board_id and after.position = in_either.position and after.entry = in_either.entry
    left join core.leaderboard_entry as before
        on before.board_id = in_either.board_id
        and before.position = pair.position_before
        and before.entry = in_either.entry
),

-- Of those that stood below the tenth place and came up: how many they overtook.
risen as (
    select placed.board_id, placed.position, placed.comparison, placed.entry, count(*) as overtook
    from placed
    join core.leaderboard_entry as above_before
        on above_before.board_id = placed.board_id
        and above_before.position = placed.position_before
        and above_before.place < placed.place_before
    join core.leaderboard_entry as below
        on below.board_id = placed.board_id
        and below.position = placed.position
        and below.entry = above_before.entry
        and below.place > placed.place
    where placed.change = 'entered'
    group by all
)

select
    placed.board_id,
    placed.published_at,
    placed.comparison,
    placed.entry,
    placed.source,
    placed.document,
    placed.benchmark,
    benchmark.name as benchmark_name,
    placed.metric,
    placed.category,
    placed.judge,
    placed.series_id,
    placed.is_current_series,
    placed.is_newest,
    placed.published_before_at,
    placed.entries,
    placed.entries_before,
    placed.is_cut,
    placed.model_name,
    placed.effort,
    placed.harness,
    placed.model_id,
    placed.change,
    case
        when placed.change = 'left' then
            case
                when placed.place is not null then 'overtaken'
                when placed.is_cut then 'not_listed'
                when placed.is_renamed then 'renamed_list'
                else 'removed'
            end
        when placed.change = 'entered' then
            case
                when placed.place_before is not null then if(risen.overtook is not null, 'overtaken', 'removed')
                when placed.was_cut then 'not_listed'
                when placed.is_renamed then 'renamed_list'
                when placed.first_position > placed.position_before then 'new_model'
                else 'relisted'
            end
    end as reason,
    placed.place,
    placed.place_before,
    placed.score,
    placed.score_before,
    placed.capture_id,
    placed.capture_id_before,
    placed.observed_at,
    placed.origin,
from placed
join seeds.benchmark as benchmark using (benchmark)
left join risen using (board_id, position, comparison, entry)
