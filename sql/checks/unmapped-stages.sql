-- Lifecycle stages, lead statuses, deal stages and deal statuses that no rule of `[stages]` covers
-- People and deals in them are counted by their other stages only; a deal in such a status counts as open.
-- do: add them to `[stages]`, under `ignored` where they mean none;
-- do: a deal is an opportunity only in the stages under `opportunity`: name the later ones there too;
-- do: `funnelite check --fix-rules` writes them with guesses.
-- Grain: one row per system, field and value.
with doubtful as materialized (
    -- the stages of people that no rule covers in one of the systems: most are covered, and who is in them needs no counting
    select v.id as value
    from said_stages as w
    cross join sources as s
    inner join texts as v on w.value = v.text
    where
        (w.field = 'lifecycle_stage' and stage_of(s.system, 'lifecycle', w.value, '') is null)
        or (w.field = 'lead_status' and stage_of(s.system, 'lead_status', w.value, '') is null)
),

said as (
    select s.system, 'lifecycle' as field, p.lifecycle_stage as value, 0 as pipeline
    from crm_people as p
    inner join sources as s on p.source = s.id
    where p.lifecycle_stage in doubtful and coalesce(p.is_deleted, 0) = 0
    union all
    select s.system, 'lead_status', p.lead_status, 0
    from crm_people as p
    inner join sources as s on p.source = s.id
    where p.lead_status in doubtful and coalesce(p.is_deleted, 0) = 0
    union all
    -- a deal that says by itself whether it is open, won or lost needs no rule, unless stages say what an opportunity is
    select s.system, 'deal_stage', d.stage, coalesce(d.pipeline, 0)
    from crm_deals as d
    inner join sources as s on d.source = s.id
    where
        coalesce(d.is_deleted, 0) = 0
        and (
            (d.is_closed is null and d.is_won is null and coalesce(d.status, 0) = 0)
            or has_qualifying_stage()
        )
    union all
    select s.system, 'deal_status', d.status, 0
    from crm_deals as d
    inner join sources as s on d.source = s.id
    where coalesce(d.is_deleted, 0) = 0 and d.is_closed is null and d.is_won is null
),

counted as (
    select c.system, c.field, v.text as value, p.text as pipeline, c.records
    from (
        select system, field, value, pipeline, count(*) as records
        from said
        where coalesce(value, 0) <> 0
        group by system, field, value, pipeline
    ) as c
    inner join texts as v on c.value = v.id
    inner join texts as p on c.pipeline = p.id
)

select
    system || ':' || field || ':' || case when pipeline <> '' then pipeline || '/' else '' end
        || value as subject,
    records || ' records' as finding,
    records,
    value,
    system || ':' || field || ':' || case when pipeline <> '' then pipeline || '/' else '' end
        || value as rule
from counted
where stage_of(system, field, value, pipeline) is null
order by records desc, subject
