-- Table macros of the published warehouse: questions with a date in them.

-- What the price sources were known to say at the end of a day (UTC), whatever was learnt later.
create or replace macro core.price_as_known_on(day) as table
    select *
    from core.price
    where known_from < day::date + interval 1 day
        and (known_to is null or known_to >= day::date + interval 1 day);
