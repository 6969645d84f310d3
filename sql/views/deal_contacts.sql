create view deal_contacts as
-- The people associated with each deal, with what both say of where it came from.
-- Grain: one row per deal and person.
select
    s.system,
    r.record_id as deal_id,
    d.status,
    closed.day as closed_on,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    ps.system || ':' || pr.record_id as person_id,
    created.day as created_on,
    w.word as self_reported_source,
    h.channel_group,
    h.channel
from deal_facts as d
join crm_deals as r on r.id = d.deal
join sources as s on s.id = d.source
join deal_people as l on l.deal = d.deal
join persons as p on p.person = l.person
join crm_people as pr on pr.id = coalesce(p.record, p.person)
join sources as ps on ps.id = pr.source
join channels as h on h.id = p.channel
left join words as w on w.id = p.answer
left join calendar_days as closed on closed.day_number = d.closed_day
left join calendar_days as created on created.day_number = p.created_day
-- no row: of a compound view SQLite makes an index where it is joined, instead of reading all of it for each row
union all
select null, null, null, null, null, null, null, null, null, null
where false;
