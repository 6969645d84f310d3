create view deals as
-- Deals with their money in both currencies, and the channel of their first person.
-- Country, industry and segments are the company's, or the first person's where the deal has no company record.
-- `closed_on` and what follows from it exist for won and lost deals only; an amount of 0 is no amount.
-- Grain: one row per deal.
select
    r.record_id as deal_id,
    s.system,
    r.name,
    coalesce(c.name, nullif(r.company, '')) as company,
    nullif(pipeline.text, '') as pipeline,
    nullif(stage.text, '') as stage,
    d.status,
    nullif(type.text, '') as type,
    nullif(r.amount_micros, 0) / 1000000.0 as amount,
    coalesce(d.currency, upper(trim(r.currency))) as currency,
    d.amount_reporting_micros / 1000000.0 as amount_reporting,
    d.mrr_micros / 1000000.0 as mrr,
    created.day as created_on,
    closed.day as closed_on,
    opportunity.day as opportunity_on,
    touched.day as first_touch_on,
    d.sales_cycle_days,
    h.channel_group,
    h.channel,
    nullif(o.campaign, '') as campaign,
    nullif(owner.text, '') as owner,
    case
        when c.record is null and p.person is not null then p.is_icp
        when d.segments like '%;icp;%' then 1
        when d.segments is not null then 0
    end as icp,
    case when d.status = 'lost' then nullif(reason.text, '') end as lost_reason,
    d.is_new_business,
    case when d.status = 'won' then case when f.first_deal is not null then 1 else 0 end end as is_new_customer,
    r.probability_millionths / 1000000.0 as probability,
    case when c.record is null and p.person is not null then p.segments else d.segments end as segments,
    coalesce(c.country, case when t.person is null then nullif(country.text, '') else t.country end) as country,
    coalesce(c.industry, case when t.person is null then nullif(industry.text, '') else t.industry end) as industry
from deal_facts as d
left join calendar_days as closed on closed.day_number = d.closed_day
join crm_deals as r on r.id = d.deal
join sources as s on s.id = d.source
join channels as h on h.id = d.channel
left join origins as o on o.id = d.origin
left join company_facts as c on c.record = d.company
left join persons as p on p.person = d.first_person
left join crm_people as q on q.id = coalesce(p.record, p.person)
left join person_texts as t on t.person = p.person
left join customers as f on f.customer = d.customer and f.first_deal = d.deal
left join texts as pipeline on pipeline.id = r.pipeline
left join texts as stage on stage.id = r.stage
left join texts as type on type.id = r.deal_type
left join texts as owner on owner.id = r.owner
left join texts as reason on reason.id = r.lost_reason
left join texts as country on country.id = q.country
left join texts as industry on industry.id = q.industry
left join calendar_days as created on created.day_number = d.created_day
left join calendar_days as opportunity on opportunity.day_number = d.opportunity_day
left join calendar_days as touched on touched.day_number = coalesce(d.first_touch_day, d.created_day)
-- no row: of a compound view SQLite makes an index where it is joined, instead of reading all of it for each row
union all
select
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null, null, null, null, null, null, null, null, null
where false;
