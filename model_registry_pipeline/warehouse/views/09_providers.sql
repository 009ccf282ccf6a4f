create view serving.providers as
select
    provider_id,
    array_agg(distinct source order by source) as sources,
    count(distinct model_id) as total,
    count(distinct model_id) filter (where is_active) as active,
    count(distinct model_id) filter (where is_active and is_free) as free,
    bool_and(enabled) as enabled,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at
from serving.offerings
group by provider_id;
comment on view serving.providers is
    'Who serves models, according to which sources, and how many: models are counted once, whoever lists them.';
