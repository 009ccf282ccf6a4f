create function serving.as_of(at timestamptz) returns setof serving.versions
language sql stable
as $$
    select
        source, provider_id, model_id, valid_from, valid_to, dump_id, dump_sha256, parser_version, record_id,
        record_sha256, name, kind, family, status, context_window_tokens, max_input_tokens, max_output_tokens,
        -- Of dated prices those that held then; the view tells those that hold today.
        serving.base_price(facts, 'input', (at at time zone 'UTC')::date),
        serving.base_price(facts, 'output', (at at time zone 'UTC')::date),
        serving.base_price(facts, 'cache_read', (at at time zone 'UTC')::date),
        serving.base_price(facts, 'cache_write', (at at time zone 'UTC')::date),
        price_state, is_free, input_modalities, output_modalities, supports_tools, supports_vision,
        supports_reasoning, supports_structured_output, supports_streaming, supports_prompt_caching,
        supports_fine_tuning, open_weights, license, hugging_face_id, parameters, quantization, created_on,
        released_on, knowledge_cutoff_on, deprecated_on, retires_on, description, url, facts, extra
    from serving.versions
    where valid_from <= at and (valid_to is null or valid_to > at)
$$;
comment on function serving.as_of is 'Every offering as it was listed at an instant, with its facts and where they come from.';

create function serving.facts_on(
    wanted_provider_id text, wanted_model_id text, at timestamptz, known_on timestamptz default 'infinity'
)
returns table (
    source text, provider_id text, model_id text, valid_from timestamptz, valid_to timestamptz, record_id integer,
    dump_id integer, observed_at timestamptz, recorded_at timestamptz, dump_sha256 text, parser_version text
)
language sql stable
as $$
    -- As known today: the versions tell.
    select
        offerings.source, offerings.provider_id, offerings.model_id, versions.valid_from, versions.valid_to,
        versions.record_id, dumps.dump_id, dumps.observed_at, dumps.recorded_at, encode(dumps.sha256, 'hex'),
        listings.parser_version
    from normalized.offerings
    join history.versions using (offering_id)
    join raw.dumps using (dump_id)
    join normalized.listings using (dump_id)
    where known_on = 'infinity'
      and offerings.provider_id = wanted_provider_id
      and offerings.model_id = wanted_model_id
      and versions.valid_from <= at
      and (versions.valid_to is null or versions.valid_to > at)
    union all
    -- As known then: the newest dump up to the instant that counted, as far as was known.
    select
        offerings.source, offerings.provider_id, offerings.model_id, null, null,
        said.record_id, said.dump_id, said.observed_at, said.recorded_at, encode(said.sha256, 'hex'),
        said.parser_version
    from normalized.offerings
    cross join lateral (
        select dumps.*, listings.parser_version, listed.record_id
        from raw.dumps
        join history.acceptances using (dump_id)
        join normalized.listings using (dump_id)
        left join lateral (
            select records.record_id
            from normalized.records
            where records.offering_id = offerings.offering_id and records.record_id = any (listings.record_ids)
        ) as listed on true
        where dumps.source = offerings.source
          and dumps.observed_at <= at
          and acceptances.known_from <= known_on
          and (acceptances.known_to is null or acceptances.known_to > known_on)
          -- Absence from a partial list says nothing: there the newest list that holds it speaks.
          and (listings.is_complete or listed.record_id is not null)
        order by dumps.observed_at desc, dumps.dump_id desc
        limit 1
    ) as said
    where known_on < 'infinity'
      and offerings.provider_id = wanted_provider_id
      and offerings.model_id = wanted_model_id
      and said.record_id is not null
$$;
comment on function serving.facts_on is
    'What each source said of a model at a provider, holding at an instant, as known on another (default: today), '
    'with the dump, its sha256 and the parser that it comes from.';

create function serving.price_on(
    wanted_provider_id text, wanted_model_id text, at timestamptz, known_on timestamptz default 'infinity'
)
returns table (
    source text, provider_id text, model_id text, price_state text, input_usd_per_mtok numeric,
    output_usd_per_mtok numeric, cache_read_usd_per_mtok numeric, cache_write_usd_per_mtok numeric, prices jsonb,
    valid_from timestamptz, valid_to timestamptz, dump_id integer, observed_at timestamptz, recorded_at timestamptz,
    dump_sha256 text, parser_version text
)
language sql stable
as $$
    select
        said.source, said.provider_id, said.model_id, coalesce(records.facts ->> 'price_state', 'unknown'),
        serving.base_price(records.facts, 'input', (at at time zone 'UTC')::date),
        serving.base_price(records.facts, 'output', (at at time zone 'UTC')::date),
        serving.base_price(records.facts, 'cache_read', (at at time zone 'UTC')::date),
        serving.base_price(records.facts, 'cache_write', (at at time zone 'UTC')::date),
        coalesce(records.facts -> 'prices', '[]'),
        said.valid_from, said.valid_to, said.dump_id, said.observed_at, said.recorded_at, said.dump_sha256,
        said.parser_version
    from serving.facts_on(wanted_provider_id, wanted_model_id, at, known_on) as said
    join normalized.records using (record_id)
    order by said.source
$$;
comment on function serving.price_on is
    'What a model cost at a provider at an instant, according to each source, as known on another instant.';
