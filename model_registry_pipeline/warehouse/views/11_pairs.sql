create view serving.pairs as
select
    provider_id,
    model_id,
    min(discovered_via) as discovered_via,
    array_agg(source order by source) as sources,
    bool_or(is_active) as is_active,
    bool_or(is_available) as is_available,
    bool_and(enabled) as enabled,
    bool_and(provider_enabled) as provider_enabled,
    bool_or(is_usable) as is_usable,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at,
    max(last_called_at) as last_called_at
from serving.offerings
group by provider_id, model_id;
comment on view serving.pairs is
    'What an application calls: a model at a provider, whoever tells of it; active while any offering of it is.';
comment on column serving.pairs.last_called_at is 'The last successful call that was reported.';
