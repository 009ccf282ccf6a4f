create view serving.benchmarks as
with newest as (
    select dumps.source, max(dumps.observed_at) as observed_at
    from history.verdicts
    join raw.dumps using (dump_id)
    where verdicts.status = 'accepted'
    group by dumps.source
),
told as (
    select
        dumps.source, dumps.observed_at, measurements.*,
        -- Most answers repeat the one before; only the first that says something is looked into.
        (offering_ids, subject_ids, figures, variants, measured_on) is distinct from (
            lag(offering_ids) over earlier, lag(subject_ids) over earlier, lag(figures) over earlier,
            lag(variants) over earlier, lag(measured_on) over earlier
        ) as is_news,
        max(dumps.observed_at) over (partition by dumps.source, metric) = newest.observed_at as is_still_told
    from normalized.measurements
    join raw.dumps using (dump_id)
    join history.verdicts using (dump_id)
    join newest using (source)
    where verdicts.status = 'accepted' and measurements.kind = 'score'
    window earlier as (partition by dumps.source, metric order by dumps.observed_at, dumps.dump_id)
),
points as (
    select
        source, metric, unit, observed_at, dump_id, offering_ids is null as is_name, point.owner_id, point.value,
        point.variant, point.measured_on,
        is_still_told and observed_at = max(observed_at) over (partition by source, metric) as is_newest
    from told
    cross join lateral unnest(coalesce(offering_ids, subject_ids), figures, variants, told.measured_on)
        as point (owner_id, value, variant, measured_on)
    where is_news
),
compared as (
    select
        points.*,
        lag(value) over series as previous_value,
        bool_or(is_newest) over (partition by source, metric, is_name, owner_id, variant, measured_on) as is_told
    from points
    window series as (
        partition by source, metric, is_name, owner_id, variant, measured_on order by observed_at, dump_id
    )
),
steps as (
    select
        compared.*,
        is_told and observed_at = max(observed_at) over (
            partition by source, metric, is_name, owner_id, variant, measured_on
        ) as is_current
    from compared
    where previous_value is null or previous_value <> value
),
named as (
    select
        steps.*, coalesce(offerings.model_id, subjects.name) as name
    from steps
    left join normalized.offerings on not is_name and offerings.offering_id = owner_id
    left join normalized.subjects on is_name and subjects.subject_id = owner_id
),
borne as (
    select source, name, array_agg(provider_id || '/' || model_id order by provider_id, model_id) as pairs
    from history.namesakes
    group by source, name
)
select
    named.source,
    named.name,
    borne.pairs,
    null::text as canonical_id,
    named.metric,
    named.unit,
    named.variant,
    named.value,
    named.previous_value,
    named.measured_on,
    named.observed_at,
    named.is_current,
    named.dump_id
from named
left join borne using (source, name);
comment on view serving.benchmarks is
    'Scores as dated series: a row each time that a source told another value, with the models that bear the name.';
comment on column serving.benchmarks.name is 'Whom it is of, as the source spells it.';
comment on column serving.benchmarks.pairs is
    '`provider_id/model_id` of each that bears the name; null: none does, or the name does not tell which.';
comment on column serving.benchmarks.unit is 'As stated: percent is 0 to 100, fraction 0 to 1.';
comment on column serving.benchmarks.variant is 'Under which conditions, where a source measures a model under several.';
comment on column serving.benchmarks.value is 'Scores of two metrics are not comparable, nor of two releases of LiveBench.';
comment on column serving.benchmarks.measured_on is 'The day of measuring, where the source states it.';
comment on column serving.benchmarks.observed_at is 'The first answer of the source that told this value.';
comment on column serving.benchmarks.is_current is 'Whether the newest accepted answer still tells it.';
