-- When a deal first entered a stage that means something: a qualifying stage, won, lost. Best evidence first:
-- history, entered-date columns, two exports that differ.
-- Grain: one row per deal and stage.
-- key: deal

create table deal_stages (
    deal integer not null,
    stage text not null,                       -- opportunity | won | lost
    entered_on text,                           -- null: reached at an unknown date
    evidence text not null,
    primary key (deal, stage)
) strict, without rowid;

insert into deal_stages
with told as (
    select
        k.deal,
        stage_of(s.system, 'deal_stage', c.new_value, d.pipeline) as stage,
        local_date(c.changed_at) as entered_on,
        1 as rung
    from deal_records as k
    join crm_deals as d on d.id = k.record
    join sources as s on s.id = d.source
    join crm_changes as c on c.source = d.source and c.object = 'deal' and c.record_id = d.record_id
    where k.deal in (select id from touched_deal) and c.field = 'deal_stage'
    union all
    select
        k.deal,
        stage_of(s.system, w.field, w.value, coalesce(nullif(w.pipeline, ''), d.pipeline)),
        local_date(e.entered_at),
        2
    from deal_records as k
    join crm_deals as d on d.id = k.record
    join sources as s on s.id = d.source
    join crm_stage_dates as e on e.target = (select id from record_tables where name = 'crm_deals') and e.record = d.id
    join said_stages as w on w.id = e.stage
    where k.deal in (select id from touched_deal)
    union all
    select
        k.deal,
        stage_of(s.system, 'deal_stage', w.value, d.pipeline),
        case when v.after_on is not null then local_date(v.seen_on) end,
        case when v.after_on is not null then 4 else 5 end
    from deal_records as k
    join crm_deals as d on d.id = k.record
    join sources as s on s.id = d.source
    join crm_values as v on v.target = (select id from record_tables where name = 'crm_deals') and v.record = d.id
    join said_stages as w on w.id = v.stage and w.field = 'stage'
    where k.deal in (select id from touched_deal)
    union all
    select
        k.deal,
        stage_of(s.system, 'deal_stage', d.stage, d.pipeline),
        null,
        5
    from deal_records as k
    join crm_deals as d on d.id = k.record
    join sources as s on s.id = d.source
    where k.deal in (select id from touched_deal)
),

rungs as (
    select deal, stage, min(rung) as rung
    from told
    where stage in ('opportunity', 'won', 'lost') and (entered_on is not null or rung = 5)
    group by deal, stage
)

select
    r.deal,
    r.stage,
    min(t.entered_on),
    case r.rung when 1 then 'history' when 2 then 'entered date' when 4 then 'between exports' else 'current stage' end
from rungs as r
join told as t on t.deal = r.deal and t.stage = r.stage and t.rung = r.rung
group by r.deal, r.stage, r.rung;
