create view serving.providers as
select
    offerings.provider_id,
    known.label,
    known.kind,
    known.website,
    known.documentation,
    known.api,
    known.protocol,
    known.key_variable,
    array_agg(distinct source order by source) as sources,
    count(distinct model_id) as total,
    count(distinct model_id) filter (where is_active) as active,
    count(distinct model_id) filter (where is_active and is_free) as free,
    bool_and(provider_enabled) as enabled,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at
from serving.offerings
left join normalized.providers as known using (provider_id)
group by offerings.provider_id, known.provider_id;
comment on view serving.providers is
    'Who serves models, according to which sources, and how many: models are counted once, whoever lists them.';
comment on column serving.providers.kind is 'lab, cloud, aggregator, local or registry; null: not known.';
comment on column serving.providers.api is 'The base URL of its API, where it is the same for everybody.';
comment on column serving.providers.protocol is
    'Whose API it speaks: openai, anthropic, google, cohere, bedrock or azure.';
comment on column serving.providers.key_variable is 'The environment variable in which people keep its key.';
