create function serving.base_price(facts jsonb, wanted_meter text, held_on date default current_date) returns numeric
language sql stable parallel safe
return (
    select (line ->> 'usd')::numeric
    from jsonb_array_elements(facts -> 'prices') as line
    where line ->> 'meter' = wanted_meter
      and line ->> 'unit' = 'mtok'
      and not line ?| array['above_tokens', 'service_tier', 'region', 'variant', 'hours_utc']
      and coalesce((line ->> 'effective_from')::date <= held_on, true)
      and coalesce((line ->> 'effective_until')::date > held_on, true)
    -- Of several dated lines the newest holds; of context tiers the lowest is the base.
    order by line ->> 'effective_from' desc nulls last, (line ->> 'up_to_tokens')::bigint nulls first
    limit 1
);
comment on function serving.base_price is
    'The stated price per million tokens of a meter without conditions, as it holds on a day; null: not stated.';
