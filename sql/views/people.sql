create view people as
-- People, once each across all systems.
-- Dates are first entries by a person's own evidence; a skipped stage has none. Channel is the first touch.
-- Grain: one row per person.
select
    s.system || ':' || r.record_id as person_id,
    case when t.person is null then nullif(lower(trim(r.email)), '') else t.email end as email,
    coalesce(case when t.person is null then nullif(r.company, '') else t.company end, c.name) as company,
    created.day as created_on,
    h.channel_group,
    h.channel,
    nullif(o.platform, '') as platform,
    nullif(o.campaign, '') as campaign,
    z.channel as last_touch_channel,
    w.word as self_reported_source,
    coalesce(case when t.person is null then nullif(country.text, '') else t.country end, c.country) as country,
    coalesce(case when t.person is null then nullif(industry.text, '') else t.industry end, c.industry) as industry,
    case when t.person is null then nullif(owner.text, '') else t.owner end as owner,
    p.is_icp as icp,
    disqualified.day as disqualified_on,
    case
        when t.person is null then nullif(reason.text, '') else t.disqualified_reason
    end as disqualified_reason,
    created.day as contact_on,
    case when (p.evidence & 7) not in (0, 2, 7) then lead.day end as lead_on,
    case when ((p.evidence >> 3) & 7) not in (0, 2, 7) then mql.day end as mql_on,
    case when ((p.evidence >> 6) & 7) not in (0, 2, 7) then sql.day end as sql_on,
    case when ((p.evidence >> 9) & 7) not in (0, 2, 7) then opportunity.day end as opportunity_on,
    case when ((p.evidence >> 12) & 7) not in (0, 2, 7) then won.day end as won_on,
    case p.reached
        when 0 then 'contact'
        when 1 then 'lead'
        when 2 then 'mql'
        when 3 then 'sql'
        when 4 then 'opportunity'
        else 'won'
    end as furthest_stage,
    touched.day as first_touch_on,
    p.segments
from persons as p
join crm_people as r on r.id = coalesce(p.record, p.person)
join sources as s on s.id = r.source
join channels as h on h.id = p.channel
join channels as z on z.id = coalesce(p.last_channel, p.channel)
left join origins as o on o.id = p.origin
left join words as w on w.id = p.answer
left join person_texts as t on t.person = p.person
left join company_facts as c on c.reference = p.company
left join texts as country on country.id = r.country
left join texts as industry on industry.id = r.industry
left join texts as owner on owner.id = r.owner
left join texts as reason on reason.id = r.disqualified_reason
left join calendar_days as created on created.day_number = p.created_day
left join calendar_days as touched on touched.day_number = coalesce(p.first_touch_day, p.created_day)
left join calendar_days as lead on lead.day_number = p.lead_day
left join calendar_days as mql on mql.day_number = p.mql_day
left join calendar_days as sql on sql.day_number = p.sql_day
left join calendar_days as opportunity on opportunity.day_number = p.opportunity_day
left join calendar_days as won on won.day_number = p.won_day
left join calendar_days as disqualified on disqualified.day_number = p.disqualified_day
-- no row: of a compound view SQLite makes an index where it is joined, instead of reading all of it for each row
union all
select
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null, null, null, null, null
where false;
