create view serving.popularity as
with told as (
    select dumps.source, dumps.observed_at, measurements.dump_id, metric, offering_ids, figures
    from normalized.measurements
    join raw.dumps using (dump_id)
    join history.verdicts using (dump_id)
    where verdicts.status = 'accepted' and measurements.kind = 'popularity' and offering_ids is not null
),
latest as (
    select distinct on (source, metric) source, metric, observed_at, dump_id
    from told
    order by source, metric, observed_at desc, dump_id desc
),
-- The answer before, and the newest ones that are at least 7 and 30 days older, but not twice as old.
picked as (
    select
        latest.*,
        before.dump_id as before_dump_id,
        week.dump_id as week_dump_id, week.observed_at as week_at,
        month.dump_id as month_dump_id, month.observed_at as month_at
    from latest
    left join lateral (
        select told.dump_id from told
        where told.source = latest.source and told.metric = latest.metric and told.observed_at < latest.observed_at
        order by told.observed_at desc limit 1
    ) as before on true
    left join lateral (
        select told.dump_id, told.observed_at from told
        where told.source = latest.source and told.metric = latest.metric
          and told.observed_at <= latest.observed_at - interval '7 days'
          and told.observed_at > latest.observed_at - interval '14 days'
        order by told.observed_at desc limit 1
    ) as week on true
    left join lateral (
        select told.dump_id, told.observed_at from told
        where told.source = latest.source and told.metric = latest.metric
          and told.observed_at <= latest.observed_at - interval '30 days'
          and told.observed_at > latest.observed_at - interval '60 days'
        order by told.observed_at desc limit 1
    ) as month on true
),
-- Grouped rather than joined: the planner does not know how long the arrays are.
figures as (
    select
        picked.source, picked.metric, point.offering_id,
        max(point.value) filter (where told.dump_id = picked.dump_id) as value,
        max(point.value) filter (where told.dump_id = picked.before_dump_id) as previous_value,
        max(point.value) filter (where told.dump_id = picked.week_dump_id) as week_value,
        max(point.value) filter (where told.dump_id = picked.month_dump_id) as month_value
    from picked
    join told
        on told.source = picked.source and told.metric = picked.metric
        and told.dump_id in (picked.dump_id, picked.before_dump_id, picked.week_dump_id, picked.month_dump_id)
    cross join lateral unnest(told.offering_ids, told.figures) as point (offering_id, value)
    group by picked.source, picked.metric, point.offering_id
)
select
    figures.source,
    offerings.provider_id,
    offerings.model_id,
    null::text as canonical_id,
    figures.metric,
    figures.value,
    figures.previous_value,
    figures.value - figures.week_value as change_7_days,
    figures.value - figures.month_value as change_30_days,
    case when figures.week_value is not null then picked.week_at end as since_7_days,
    case when figures.month_value is not null then picked.month_at end as since_30_days,
    picked.observed_at,
    picked.dump_id
from figures
join picked using (source, metric)
join normalized.offerings using (offering_id)
where figures.value is not null;
comment on view serving.popularity is
    'How much each model of the newest answer is used or liked, and how that moved: downloads, likes.';
comment on column serving.popularity.previous_value is 'Of the answer before; null: it did not tell of this model.';
comment on column serving.popularity.change_7_days is
    'Since the newest answer that is at least 7 days older, and less than 14; null: none tells of this model.';
comment on column serving.popularity.change_30_days is
    'Since the newest answer that is at least 30 days older, and less than 60; null: none tells of this model.';
comment on column serving.popularity.since_7_days is 'The instant of that answer.';
comment on column serving.popularity.since_30_days is 'The instant of that answer.';
