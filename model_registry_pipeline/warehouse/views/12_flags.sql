create view serving.flags as
select offerings.source, offerings.provider_id, offerings.model_id, flags.state, flags.since, flags.reason
from health.flags
join normalized.offerings using (offering_id)
join serving.offerings as shown
    on shown.source = offerings.source
    and shown.provider_id = offerings.provider_id
    and shown.model_id = offerings.model_id
    and shown.state = flags.state
    and shown.state_since = flags.since;
comment on view serving.flags is
    'Offerings that are missing or stale, since when and why; one that is not here is listed.';
