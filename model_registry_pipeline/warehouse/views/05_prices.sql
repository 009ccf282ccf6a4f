create view serving.prices as
select
    offerings.source,
    offerings.provider_id,
    offerings.model_id,
    line.meter,
    line.unit,
    line.usd,
    line.above_tokens,
    line.up_to_tokens,
    line.above_output_tokens,
    line.up_to_output_tokens,
    line.service_tier,
    line.region,
    line.variant,
    line.hours_utc,
    line.effective_from,
    line.effective_until,
    coalesce(records.facts ->> 'price_state', 'unknown') as price_state,
    versions.valid_from,
    versions.dump_id
from history.versions
join normalized.offerings using (offering_id)
join normalized.records using (record_id)
cross join lateral jsonb_to_recordset(records.facts -> 'prices') as line (
    meter text, unit text, usd numeric, above_tokens bigint, up_to_tokens bigint, above_output_tokens bigint,
    up_to_output_tokens bigint, service_tier text, region text, variant text, hours_utc text,
    effective_from text, effective_until text
)
where versions.valid_to is null;
comment on view serving.prices is
    'Every stated price of what is listed now: US dollars per unit, with the conditions under which each holds.';
comment on column serving.prices.unit is 'mtok is a million tokens; the others are one of what they name.';
comment on column serving.prices.price_state is 'What all prices of the offering amount to: paid, free, variable, unknown …';
comment on column serving.prices.effective_until is 'The first day on which it no longer holds.';
comment on column serving.prices.valid_from is 'Since when the offering stands as it is told here.';
