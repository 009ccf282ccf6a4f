create view serving.changes as
select
    offerings.source,
    offerings.provider_id,
    offerings.model_id,
    changes.observed_at,
    changes.kind,
    changes.field,
    changes.before,
    changes.after,
    changes.dump_id
from history.changes
join normalized.offerings using (offering_id);
comment on view serving.changes is
    'What came, went, came back or changed: kind is appeared, vanished, returned, changed or text.';
