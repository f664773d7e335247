-- Scalar macros of the warehouse, created before any model runs and published with it.

-- A name in the one form in which names are compared: lower case, `+` as plus, every run of other characters one hyphen.
create or replace macro normalise_name(name) as
    trim(regexp_replace(replace(lower(nfc_normalize(name)), '+', '-plus-'), '[^a-z0-9.]+', '-', 'g'), '-');

-- The moment for which current tables speak: the newest capture, unless a report asks for an earlier one.
create or replace macro as_at() as getvariable('as_at')::timestamp;

-- Price of a mix of three input tokens to one output token, in the currency of its arguments.
create or replace macro blended_3_1(input, output) as (3 * input + output) / 4;
