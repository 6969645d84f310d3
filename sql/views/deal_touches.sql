create view deal_touches as
-- The touches of everybody associated with a deal: the path that attribution gives credit along.
-- Grain: one row per deal and touch.
select
    s.system,
    r.record_id as deal_id,
    d.status,
    closed.day as closed_on,
    opportunity.day as opportunity_on,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    ps.system || ':' || pr.record_id as person_id,
    case when (p.evidence & 7) not in (0, 2, 7) then lead.day end as lead_on,
    t.touched_at,
    k.day as touched_on,
    h.channel_group,
    h.channel,
    t.campaign,
    w.kind
from deal_facts as d
left join calendar_days as closed on closed.day_number = d.closed_day
join crm_deals as r on r.id = d.deal
join sources as s on s.id = d.source
join deal_people as l on l.deal = d.deal
join persons as p on p.person = l.person
join crm_people as pr on pr.id = coalesce(p.record, p.person)
join sources as ps on ps.id = pr.source
-- cross: from deals to touches, of which there are many more
cross join person_touches as t
join touch_ways as w on w.id = t.way
join channels as h on h.id = t.channel
join calendar_days as k on k.day_number = t.touched_day
left join calendar_days as opportunity on opportunity.day_number = d.opportunity_day
left join calendar_days as lead on lead.day_number = p.lead_day
where t.person = p.person
union all
select
    s.system,
    r.record_id,
    d.status,
    closed.day,
    opportunity.day,
    d.amount_reporting_micros / 1000000.0,
    ps.system || ':' || pr.record_id,
    case when (p.evidence & 7) not in (0, 2, 7) then lead.day end,
    coalesce(p.created_at, substr(pr.created_at, 1, 19) || 'Z'),
    k.day,
    case when p.is_creation_touch = 2 then 'Unknown' else h.channel_group end,
    case when p.is_creation_touch = 2 then 'Unknown' else h.channel end,
    nullif(o.campaign, ''),
    'created'
from deal_facts as d
left join calendar_days as closed on closed.day_number = d.closed_day
join crm_deals as r on r.id = d.deal
join sources as s on s.id = d.source
join deal_people as l on l.deal = d.deal
join persons as p on p.person = l.person
join crm_people as pr on pr.id = coalesce(p.record, p.person)
join sources as ps on ps.id = pr.source
join channels as h on h.id = p.channel
join calendar_days as k on k.day_number = p.created_day
left join origins as o on o.id = p.origin
left join calendar_days as opportunity on opportunity.day_number = d.opportunity_day
left join calendar_days as lead on lead.day_number = p.lead_day
where p.is_creation_touch > 0;
