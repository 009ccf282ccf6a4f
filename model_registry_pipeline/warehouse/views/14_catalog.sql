create view serving.catalog as
select
    split_part(offerings.facts ->> 'canonical_name', '/', 1) as lab,
    split_part(offerings.facts ->> 'canonical_name', '/', 2) as slug,
    offerings.provider_id,
    offerings.model_id,
    stated.fact,
    offerings.facts -> stated.fact as value,
    origin.source as stated_by,
    coalesce(origin.record, offerings.model_id) as stated_as,
    origin.observed_on,
    origin.url
from serving.offerings
cross join lateral jsonb_to_recordset(offerings.facts -> 'origins') as origin (
    source text, url text, observed_on text, record text, facts text[]
)
cross join unnest(origin.facts) as stated (fact)
where offerings.source = 'catalog';
comment on view serving.catalog is
    'Each fact of the catalogue beside who states it, where and when: a row a fact and origin.';
comment on column serving.catalog.slug is 'The catalogue''s own name of the model: it holds no slash and never changes.';
comment on column serving.catalog.stated_as is 'The id under which the origin has the model.';
comment on column serving.catalog.observed_on is 'The day on which the origin said so.';
