-- Days from first touch to won, of new business.
-- key: deal
select
    d.deal, d.closed_day as day, d.channel, d.sales_cycle_days as value,
    s.system || ':' || r.record_id as record, coalesce(r.name, r.company) as name
from deal_facts as d
left join crm_deals as r on r.id = d.deal
-- of the record, so that an index holds all that is counted of the deal
left join sources as s on s.id = r.source
where d.closed_day is not null and d.status = 'won' and d.is_new_business and d.sales_cycle_days is not null
