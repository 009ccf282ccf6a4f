create view serving.syncs as
select
    sync_id, run_id, source, started_at, completed_at, status, dump_id,
    fetched, stored, rejected, appeared, vanished, changed, error
from health.syncs;
comment on view serving.syncs is 'One run''s work on one source.';
