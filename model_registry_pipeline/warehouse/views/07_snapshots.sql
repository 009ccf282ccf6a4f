create view serving.snapshots as
select source, day, dump_id, offerings, encode(listing_sha256, 'hex') as listing_sha256
from history.snapshots;
comment on view serving.snapshots is 'A row a source and day: the day''s last accepted dump and what it listed.';
