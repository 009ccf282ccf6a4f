create view serving.dumps as
select
    dumps.dump_id,
    dumps.source,
    dumps.observed_at,
    dumps.recorded_at,
    dumps.origin,
    coalesce(verdicts.status, 'pending') as status,
    coalesce(verdicts.reason, listings.unreadable) as reason,
    listings.records,
    listings.rejected,
    encode(dumps.sha256, 'hex') as sha256,
    dumps.bytes,
    listings.parser_version,
    dumps.confirms_dump_id,
    dumps.file_name,
    dumps.url,
    dumps.http_status,
    dumps.run_id
from raw.dumps
left join normalized.listings using (dump_id)
left join history.verdicts using (dump_id);
comment on view serving.dumps is
    'Every answer that was stored; status is accepted, held, rejected, superseded, or pending (not yet judged).';
