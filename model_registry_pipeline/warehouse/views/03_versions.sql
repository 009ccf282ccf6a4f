create view serving.versions as
select
    offerings.source,
    offerings.provider_id,
    offerings.model_id,
    versions.valid_from,
    versions.valid_to,
    versions.dump_id,
    encode(dumps.sha256, 'hex') as dump_sha256,
    listings.parser_version,
    record_facts.*
from history.versions
join normalized.offerings using (offering_id)
join raw.dumps using (dump_id)
join normalized.listings using (dump_id)
join serving.record_facts using (record_id);
comment on view serving.versions is
    'Each offering''s facts over half-open intervals, with the dump, its sha256 and the parser that they come from.';
