create view serving.offerings as
with latest as (
    -- An offering that is still listed was last seen when its source last answered: no row is touched for that.
    select dumps.source, max(dumps.observed_at) as observed_at
    from history.verdicts
    join raw.dumps using (dump_id)
    where verdicts.status = 'accepted'
    group by dumps.source
),
told as (
    select
        offerings.offering_id, offerings.source, newest.record_id, newest.valid_from, newest.valid_to, newest.dump_id,
        offerings.provider_id, offerings.model_id,
        stays.first_seen_at,
        coalesce(stays.last_seen_at, latest.observed_at) as last_seen_at
    from normalized.offerings
    join latest using (source)
    left join health.pairs using (provider_id, model_id)
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
          and (pairs.purged_at is null or coalesce(presence.last_seen_at, latest.observed_at) > pairs.purged_at)
    ) as stays
    where stays.first_seen_at is not null
    union all
    -- A person, or calls, may be all there is to tell of a pair.
    select
        records.offering_id, offerings.source, records.record_id, pairs.added_at, null, null,
        pairs.provider_id, pairs.model_id, pairs.added_at, pairs.added_at
    from health.pairs
    join normalized.records on records.record_id = pairs.added_record_id
    join normalized.offerings on offerings.offering_id = records.offering_id
    union all
    select
        records.offering_id, offerings.source, records.record_id, pairs.first_called_at, null, null,
        pairs.provider_id, pairs.model_id, pairs.first_called_at, pairs.last_called_at
    from health.pairs
    join normalized.records on records.record_id = pairs.called_record_id
    join normalized.offerings on offerings.offering_id = records.offering_id
    where pairs.discovered_via = 'INFERENCE'
)
select
    told.source,
    told.provider_id,
    told.model_id,
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
    coalesce(pairs.discovered_via, 'INDEX') as discovered_via,
    standing.state,
    standing.state <> 'stale' as is_active,
    standing.state_since,
    callable.is_available,
    coalesce(pairs.enabled, true) as enabled,
    coalesce(provider_choices.enabled, true) as provider_enabled,
    standing.state <> 'stale'
        and coalesce(pairs.enabled, true)
        and coalesce(provider_choices.enabled, true)
        and callable.is_available is not false as is_usable,
    exists (
        select from health.suspicions where suspicions.offering_id = told.offering_id and settled_at is null
    ) as is_price_suspect,
    least(told.first_seen_at, pairs.first_called_at) as first_seen_at,
    greatest(told.last_seen_at, pairs.last_called_at) as last_seen_at,
    pairs.last_called_at,
    told.valid_from,
    told.valid_to,
    told.dump_id,
    record_facts.record_sha256,
    record_facts.description,
    record_facts.url,
    record_facts.facts,
    record_facts.extra
from told
left join health.pairs using (provider_id, model_id)
left join (
    select distinct on (provider_id) provider_id, kind = 'enable' as enabled
    from raw.actions
    where model_id is null and kind in ('enable', 'disable')
    order by provider_id, recorded_at desc, action_id desc
) as provider_choices using (provider_id)
left join health.flags
    on flags.offering_id = told.offering_id
    -- A flag holds until the next sign of life, whether or not it has been judged again since.
    and flags.since > greatest(told.last_seen_at, pairs.last_called_at, pairs.spoken_for_at)
cross join lateral (
    select
        case
            when pairs.discovered_via = 'MANUAL' then 'listed'
            when flags.state is not null then flags.state
            when told.valid_to is null then 'listed'
            else 'missing'
        end as state,
        case when pairs.discovered_via is distinct from 'MANUAL' then coalesce(flags.since, told.valid_to) end
            as state_since
) as standing
left join (
    select provider_id, model_id, bool_or(is_available) as is_listed, max(since) as since
    from health.availability
    group by 1, 2
) as own using (provider_id, model_id)
left join (
    select provider_id, min(first_answered_at) as since from health.own_lists group by 1
) as answered using (provider_id)
cross join lateral (
    select case
        when own.is_listed then true
        when coalesce(own.since, answered.since) is null then null
        -- Some providers answer to names that they do not list.
        else coalesce(pairs.last_called_at > coalesce(own.since, answered.since), false)
    end as is_available
) as callable
join serving.record_facts on record_facts.record_id = told.record_id;
comment on view serving.offerings is
    'Every offering that was ever listed, added by hand or found by a call, with the newest facts and where it stands.';
comment on column serving.offerings.source is
    'Who tells of it: a source; manual, what a person added; inference, what nothing but calls told of at first.';
comment on column serving.offerings.discovered_via is
    'How its pair (provider_id, model_id) became known: INDEX (a list), INFERENCE (a call) or MANUAL (a person).';
comment on column serving.offerings.state is 'listed, missing (from the first answer without it) or stale.';
comment on column serving.offerings.state_since is 'Since when it is missing or stale; null: it is listed.';
comment on column serving.offerings.is_available is
    'Whether it can be called here: its provider''s own list, asked with our key or locally, has it; null: not known.';
comment on column serving.offerings.enabled is 'The administrator''s choice for the pair; no sync touches it.';
comment on column serving.offerings.is_usable is
    'Active, enabled, its provider enabled, and not known to be unavailable.';
comment on column serving.offerings.last_seen_at is
    'The last accepted dump of the source that lists it, or the last successful call of its pair.';
comment on column serving.offerings.is_price_suspect is
    'A price of it is in doubt, as serving.flags tells: shown as stated, not to be used for choosing by price.';
