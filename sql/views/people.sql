create view people as
-- People, once each across all systems.
-- Dates are first entries by a person's own evidence; a skipped stage has none. Channel is the first touch.
-- Grain: one row per person.
select
    p.person_id,
    p.email,
    coalesce(p.company, c.name) as company,
    p.created_on,
    p.channel_group,
    p.channel,
    p.platform,
    p.campaign,
    p.last_touch_channel,
    p.self_reported_source,
    coalesce(p.country, c.country) as country,
    coalesce(p.industry, c.industry) as industry,
    p.owner,
    p.is_icp as icp,
    p.disqualified_on,
    p.disqualified_reason,
    p.created_on as contact_on,
    p.lead_on,
    p.mql_on,
    p.sql_on,
    p.opportunity_on,
    p.won_on,
    case p.reached
        when 0 then 'contact'
        when 1 then 'lead'
        when 2 then 'mql'
        when 3 then 'sql'
        when 4 then 'opportunity'
        else 'won'
    end as furthest_stage,
    p.first_touch_on,
    p.segments
from persons as p
left join company_facts as c on c.source = p.company_source and c.record_id = p.company_id;
