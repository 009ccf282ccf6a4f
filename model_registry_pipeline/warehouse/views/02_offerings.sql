create view serving.offerings as
with latest as (
    -- An offering that is still listed was last seen when its source last answered: no row is touched for that.
    select dumps.source, max(dumps.observed_at) as observed_at
    from history.verdicts
    join raw.dumps using (dump_id)
    where verdicts.status = 'accepted'
    group by dumps.source
)
select
    offerings.source,
    offerings.provider_id,
    offerings.model_id,
    null::text as canonical_id,
    record_facts.name,
    record_facts.kind,
    record_facts.family,
    record_facts.status,
    record_facts.context_window_tokens,
    record_facts.max_input_tokens,
    record_facts.max_output_tokens,
    record_facts.input_usd_per_mtok,
    record_facts.output_usd_per_mtok,
    record_facts.cache_read_usd_per_mtok,
    record_facts.cache_write_usd_per_mtok,
    record_facts.price_state,
    record_facts.is_free,
    record_facts.input_modalities,
    record_facts.output_modalities,
    record_facts.supports_tools,
    record_facts.supports_vision,
    record_facts.supports_reasoning,
    record_facts.supports_structured_output,
    record_facts.supports_streaming,
    record_facts.supports_prompt_caching,
    record_facts.supports_fine_tuning,
    record_facts.open_weights,
    record_facts.license,
    record_facts.hugging_face_id,
    record_facts.parameters,
    record_facts.quantization,
    record_facts.created_on,
    record_facts.released_on,
    record_facts.knowledge_cutoff_on,
    record_facts.deprecated_on,
    record_facts.retires_on,
    'INDEX'::text as discovered_via,
    lifecycle.state,
    lifecycle.state <> 'stale' as is_active,
    null::boolean as is_available,
    true as enabled,
    lifecycle.state <> 'stale' as is_usable,
    stays.first_seen_at,
    coalesce(stays.last_seen_at, latest.observed_at) as last_seen_at,
    newest.valid_from,
    newest.valid_to,
    newest.dump_id,
    record_facts.record_sha256,
    record_facts.description,
    record_facts.url,
    record_facts.facts,
    record_facts.extra
from normalized.offerings
join latest using (source)
cross join lateral (
    select valid_from, valid_to, record_id, dump_id
    from history.versions
    where versions.offering_id = offerings.offering_id
    order by valid_from desc
    limit 1
) as newest
cross join lateral (
    select
        min(listed_from) as first_seen_at,
        -- Null while it is listed: then the source's latest answer is its last sighting.
        case when bool_or(listed_to is null) then null else max(last_seen_at) end as last_seen_at
    from history.presence
    where presence.offering_id = offerings.offering_id
) as stays
left join health.flags on flags.offering_id = offerings.offering_id
cross join lateral (
    select case when newest.valid_to is null then 'listed' else coalesce(flags.state, 'missing') end as state
) as lifecycle
join serving.record_facts on record_facts.record_id = newest.record_id;
comment on view serving.offerings is
    'Every offering that was ever listed, with the newest facts that its source stated and where it stands now.';
comment on column serving.offerings.state is 'listed, missing (from the first answer without it) or stale.';
comment on column serving.offerings.is_available is 'Whether it answers now; null: not known.';
comment on column serving.offerings.last_seen_at is 'The last accepted dump of the source that lists it.';
