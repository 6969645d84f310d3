-- Campaigns and months in which their numbers may change: months of touched ad campaigns, and those of all campaigns to
-- which people, deals or costs belong by name, because these may move from one campaign to another.
with is_moved as (
    select
        exists (select 1 from touched_campaign)
        or exists (select 1 from touched_campaign_name where id <> '')
        or exists (
            select 1 from touched_rows where target in ('costs', 'currency_rates', 'crm_campaigns')
        ) as moved
)

select 'ad:' || m.campaign || m.month
from touched_campaign as t
cross join ad_campaign_months as m on m.campaign = t.id and m.day_number between t.first_day and t.last_day
union
select l.entity || r.month
from campaign_results as r
join campaign_links as l on l.campaign_key = r.campaign_key and l.platform = r.platform
where (select moved from is_moved)
union
select l.entity || c.month
from cost_days as c
join campaign_links as l on l.campaign_key = c.campaign_key and l.platform = ''
where (select moved from is_moved)
