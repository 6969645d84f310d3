-- When a person first entered each stage, and how that is known. Per record the best evidence counts: history,
-- entered-date columns, two exports that differ, the current value (date unknown); a lead's creation and conversion
-- stand beside them. Per person the earliest over the records and the associated deals.
-- Grain: one row per person and stage.
-- key: person

create table stage_events (
    person integer not null,
    stage text not null,                       -- lead | mql | sql | opportunity | won | disqualified
    entered_on text,                           -- null: reached at an unknown date
    not_before text,                           -- the last export that showed something else
    evidence text not null,
    primary key (person, stage)
) strict, without rowid;

insert into stage_events
with told as (
    select
        f.person,
        f.record,
        stage_of(f.system, c.field, c.new_value, '') as stage,
        local_date(c.changed_at) as entered_on,
        null as not_before,
        1 as rung,
        local_date(c.changed_at) as seen_on
    from record_facts as f
    join crm_people as p on p.id = f.record
    join crm_changes as c on c.source = p.source and c.object = p.object and c.record_id = p.record_id
    where f.person in (select id from touched_person) and c.field in ('lifecycle_stage', 'lead_status')
    union all
    select f.person, f.record, stage_of(f.system, c.field, c.old_value, ''), null, null, 5, local_date(c.changed_at)
    from record_facts as f
    join crm_people as p on p.id = f.record
    join crm_changes as c on c.source = p.source and c.object = p.object and c.record_id = p.record_id
    where
        f.person in (select id from touched_person)
        and c.field in ('lifecycle_stage', 'lead_status') and c.old_value <> ''
    union all
    select f.person, f.record, stage_of(f.system, w.field, w.value, w.pipeline), local_date(e.entered_at), null, 2,
        local_date(e.entered_at)
    from record_facts as f
    join crm_stage_dates as e on e.target = (select id from record_tables where name = 'crm_people') and e.record = f.record
    join said_stages as w on w.id = e.stage
    where f.person in (select id from touched_person)
    union all
    select
        f.person,
        f.record,
        stage_of(f.system, w.field, w.value, ''),
        case when v.after_on is not null then local_date(v.seen_on) end,
        local_date(v.after_on),
        case when v.after_on is not null then 4 else 5 end,
        local_date(v.seen_on)
    from record_facts as f
    join crm_values as v on v.target = (select id from record_tables where name = 'crm_people') and v.record = f.record
    join said_stages as w on w.id = v.stage
    where f.person in (select id from touched_person)
    union all
    select f.person, f.record, stage_of(f.system, 'lifecycle_stage', p.lifecycle_stage, ''), null, null, 5, null
    from record_facts as f
    join crm_people as p on p.id = f.record
    where f.person in (select id from touched_person) and p.lifecycle_stage <> ''
    union all
    select f.person, f.record, stage_of(f.system, 'lead_status', p.lead_status, ''), null, null, 5, null
    from record_facts as f
    join crm_people as p on p.id = f.record
    where f.person in (select id from touched_person) and p.lead_status <> ''
    union all
    select f.person, f.record, 'lead', date_of(f.created_day), null, 3, date_of(f.created_day)
    from record_facts as f
    join crm_people as p on p.id = f.record
    where f.person in (select id from touched_person) and p.object = 'lead'
    union all
    select f.person, f.record, 'sql', local_date(p.converted_on), null, 3, local_date(p.converted_on)
    from record_facts as f
    join crm_people as p on p.id = f.record
    where f.person in (select id from touched_person) and p.is_converted = 1
),

shown as (
    select
        person,
        record,
        stage,
        min(case rung when 1 then entered_on end) as by_history,
        min(case rung when 2 then entered_on end) as by_column,
        min(case rung when 3 then entered_on end) as by_milestone,
        min(case rung when 4 then entered_on || coalesce(not_before, '') end) as by_snapshot,
        min(seen_on) as seen_on,
        case stage when 'lead' then 1 when 'mql' then 2 when 'sql' then 3 when 'opportunity' then 4 when 'won' then 5 else 0
        end as place
    from told
    where stage not in ('contact', 'ignored', 'open', 'lost')
    group by person, record, stage
),

-- an export that shows an earlier stage than one before it shows a move back, which is no entry
rungs as (
    select
        person,
        stage,
        by_history,
        by_column,
        by_milestone,
        case
            when by_snapshot is not null and not exists (
                select 1 from shown as l
                where l.record = s.record and l.place > s.place and s.place > 0 and l.seen_on <= substr(s.by_snapshot, 1, 10)
            ) then by_snapshot
        end as by_snapshot
    from shown as s
),

records as (
    select
        person,
        stage,
        case
            when by_milestone <= coalesce(by_history, by_column, substr(by_snapshot, 1, 10), '9999') then by_milestone
            else coalesce(by_history, by_column, substr(by_snapshot, 1, 10))
        end as entered_on,
        case
            when by_milestone <= coalesce(by_history, by_column, substr(by_snapshot, 1, 10), '9999') then 'milestone'
            when by_history is not null then 'history'
            when by_column is not null then 'entered date'
            when by_snapshot is not null then 'between exports'
            else 'current value'
        end as evidence,
        case
            when by_milestone <= coalesce(by_history, by_column, substr(by_snapshot, 1, 10), '9999') then null
            when by_history is null and by_column is null then nullif(substr(by_snapshot, 11), '')
        end as not_before
    from rungs
    union all
    select l.person, 'opportunity', d.opportunity_on, 'deal', null
    from deal_people as l
    join deal_facts as d on d.deal = l.deal
    where
        l.person in (select id from touched_person)
        and d.is_new_business and (d.opportunity_on is not null or not setting('stages.qualifying'))
    union all
    select l.person, 'won', d.closed_on, 'deal', null
    from deal_people as l
    join deal_facts as d on d.deal = l.deal
    where l.person in (select id from touched_person) and d.status = 'won'
)

select
    person,
    stage,
    nullif(substr(min(coalesce(entered_on, '9999-12-31') || evidence), 1, 10), '9999-12-31'),
    nullif(substr(min(coalesce(entered_on, '9999-12-31') || evidence || '|' || coalesce(not_before, '')),
        instr(min(coalesce(entered_on, '9999-12-31') || evidence || '|' || coalesce(not_before, '')), '|') + 1), ''),
    substr(min(coalesce(entered_on, '9999-12-31') || evidence), 11)
from records
group by person, stage;
