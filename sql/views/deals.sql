create view deals as
-- Deals with their money in both currencies, and the channel of their first person.
-- `closed_on` and what follows from it exist for won and lost deals only; an amount of 0 is no amount.
-- Grain: one row per deal.
select
    d.deal_id,
    d.system,
    d.name,
    d.company,
    d.pipeline,
    d.stage,
    d.status,
    d.deal_type as type,
    d.amount_micros / 1000000.0 as amount,
    d.currency,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    d.mrr_micros / 1000000.0 as mrr,
    d.created_on,
    d.closed_on,
    d.opportunity_on,
    d.first_touch_on,
    d.sales_cycle_days,
    d.channel_group,
    d.channel,
    d.campaign,
    d.owner,
    case when d.segments like '%;icp;%' then 1 when d.segments is not null then 0 end as icp,
    d.lost_reason,
    d.is_new_business,
    case when d.status = 'won' then case when c.first_deal is not null then 1 else 0 end end as is_new_customer,
    d.probability_millionths / 1000000.0 as probability,
    d.segments
from deal_facts as d
left join customers as c on c.first_deal = d.deal;
