create function serving.base_price(
    facts jsonb, wanted_meter text, held_on date default (now() at time zone 'UTC')::date
) returns numeric
language sql stable parallel safe
return (
    select (line ->> 'usd')::numeric
    from jsonb_array_elements(facts -> 'prices') as line
    where line ->> 'meter' = wanted_meter
      and line ->> 'unit' = 'mtok'
      and not line ?| array[
          'above_tokens', 'above_output_tokens', 'service_tier', 'region', 'variant', 'hours_utc'
      ]
      -- Compared as text: ISO 8601 sorts as it reads, and a month may be all that is stated.
      and coalesce(line ->> 'effective_from' <= to_char(held_on, 'YYYY-MM-DD'), true)
      and coalesce(line ->> 'effective_until' > to_char(held_on, 'YYYY-MM-DD'), true)
    -- Of several dated lines the newest holds; of tiers by the length of context and answer the lowest is the base.
    order by
        line ->> 'effective_from' desc nulls last,
        (line ->> 'up_to_tokens')::bigint nulls first,
        (line ->> 'up_to_output_tokens')::bigint nulls first
    limit 1
);
comment on function serving.base_price is
    'What a plain, short request pays per million tokens of a meter on a day (today where none is given); null: not stated.';
