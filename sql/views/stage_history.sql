create view stage_history as
-- When each person first entered each stage, how that is known, and the last day on which an export said otherwise.
-- Grain: one row per person and stage; `entered_on` is null where the stage was reached at an unknown date.
with entries as (
    select person, coalesce(record, person) as record, 0 as n, 'lead' as stage, evidence & 7 as evidence, lead_day as day_number from persons
    union all
    select person, coalesce(record, person), 1, 'mql', (evidence >> 3) & 7, mql_day from persons
    union all
    select person, coalesce(record, person), 2, 'sql', (evidence >> 6) & 7, sql_day from persons
    union all
    select person, coalesce(record, person), 3, 'opportunity', (evidence >> 9) & 7, opportunity_day from persons
    union all
    select person, coalesce(record, person), 4, 'won', (evidence >> 12) & 7, won_day from persons
    union all
    select person, coalesce(record, person), 5, 'disqualified', (evidence >> 15) & 7, disqualified_day from persons
)

select
    s.system || ':' || r.record_id as person_id,
    e.stage,
    case when e.evidence not in (2, 7) then k.day end as entered_on,
    n.day as not_before,
    case e.evidence
        when 1 then 'between exports'
        when 2 then 'current value'
        when 4 then 'entered date'
        when 5 then 'history'
        when 6 then 'milestone'
        else 'deal'
    end as evidence
from entries as e
join crm_people as r on r.id = e.record
join sources as s on s.id = r.source
left join calendar_days as k on k.day_number = e.day_number
left join stage_bounds as b on b.person = e.person and b.stage = e.n
left join calendar_days as n on n.day_number = b.not_before
where e.evidence <> 0
-- no row: of a compound view SQLite makes an index where it is joined, instead of reading all of it for each row
union all
select null, null, null, null, null
where false;
