create view serving.suspicions as
select
    offerings.source,
    offerings.provider_id,
    offerings.model_id,
    suspicions.field,
    suspicions.kind,
    suspicions.observed_at,
    trim_scale(suspicions.before) as before,
    trim_scale(suspicions.after) as after,
    suspicions.other_source,
    suspicions.settled_at,
    suspicions.settled_by,
    suspicions.dump_id,
    field || ' ' || case
        when suspicions.kind = 'dispute' then
            trim_scale(suspicions.after) || ', far from what ' || suspicions.other_source || ' states'
        else trim_scale(suspicions.before) || ' → ' || coalesce(trim_scale(suspicions.after)::text, 'not stated')
            || case when suspicions.kind = 'mass_move' then ', as many prices of its source at once' else '' end
    end as reason
from health.suspicions
join normalized.offerings using (offering_id);
comment on view serving.suspicions is
    'Prices that are or were in doubt: a jump, one of many that moved at once, or a dispute between sources.';
comment on column serving.suspicions.settled_at is 'Null: it is still in doubt.';
comment on column serving.suspicions.settled_by is
    'another source, three dumps over 48 h, a person (who accepted the dump), or the price moved on.';

create view serving.flags as
select offerings.source, offerings.provider_id, offerings.model_id, flags.state, flags.since, flags.reason
from health.flags
join normalized.offerings using (offering_id)
join serving.offerings as shown
    on shown.source = offerings.source
    and shown.provider_id = offerings.provider_id
    and shown.model_id = offerings.model_id
    and shown.state = flags.state
    and shown.state_since = flags.since
union all
select
    suspicions.source, suspicions.provider_id, suspicions.model_id, 'suspicious_price',
    min(suspicions.observed_at), string_agg(suspicions.reason, '; ' order by suspicions.field, suspicions.kind)
from serving.suspicions
join serving.offerings as shown using (source, provider_id, model_id)
where suspicions.settled_at is null
group by 1, 2, 3;
comment on view serving.flags is
    'Offerings that are missing or stale, or whose price is suspicious, since when and why; others are as they should be.';
comment on column serving.flags.state is 'missing, stale or suspicious_price; an offering may have two rows.';
