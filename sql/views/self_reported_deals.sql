create view self_reported_deals as
-- What the people of won deals say brought them.
-- Grain: one row per won deal and person with an answer.
select
    s.system,
    r.record_id as deal_id,
    closed.day as closed_on,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    created.day as created_on,
    h.channel_group,
    h.channel,
    w.word as answer,
    p.segments
from deal_answers as a
join deal_facts as d on d.deal = a.deal
join crm_deals as r on r.id = a.deal
join sources as s on s.id = d.source
join persons as p on p.person = a.person
join channels as h on h.id = p.channel
join words as w on w.id = a.answer
left join calendar_days as closed on closed.day_number = d.closed_day
left join calendar_days as created on created.day_number = p.created_day;
