-- description: US dollars for one unit of each currency, by day of the European Central Bank's reference rates. One row per day and currency.
-- min_rows: 0
-- grain: rate_on, currency
-- column: rate_on DATE | Day of the rate.
-- column: currency VARCHAR | Currency.
-- column: usd_per_unit DOUBLE | US dollars for one unit, by way of the euro.
-- column: capture_id VARCHAR | Capture the rate was last read from.
-- column: origin VARCHAR | Origin of that capture.
with newest as (
    select rate_on, currency, rate, capture_id, origin
    from staging.fx_rate
    where base_currency = 'EUR' and not is_gone
    qualify row_number() over (partition by rate_on, currency order by observed_at desc, capture_id desc) = 1
),

dollar as (
    select rate_on, rate as usd_per_eur, capture_id, origin from newest where currency = 'USD'
)

select rate_on, newest.currency, dollar.usd_per_eur::double / newest.rate::double as usd_per_unit, newest.capture_id, newest.origin
from newest
join dollar using (rate_on)
union all
select rate_on, 'EUR' as currency, usd_per_eur::double as usd_per_unit, capture_id, origin
from dollar
