create view deal_touches as
-- The touches of everybody associated with a deal: the path that attribution gives credit along.
-- Grain: one row per deal and touch.
select
    d.system,
    d.deal_id,
    d.status,
    d.closed_on,
    d.opportunity_on,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    p.person_id,
    p.lead_on,
    t.touched_at,
    t.touched_on,
    t.channel_group,
    t.channel,
    t.campaign,
    t.kind
from deal_facts as d
join deal_people as l on l.deal = d.deal
join persons as p on p.person = l.person
join person_touches as t on t.person = p.person
