create view stage_entries as
-- People by the stages they reached, with the day that counts for it: a stage without a date of its own is entered at
-- the earliest date of the later ones; `entered_on` is null where the stage was reached on an unknown day.
-- Grain: one row per person and stage reached.
with stages (stage, place) as (
    values ('contact', 0), ('lead', 1), ('mql', 2), ('sql', 3), ('opportunity', 4), ('won', 5)
)

select
    s.system || ':' || r.record_id as person_id,
    e.stage,
    k.day as entered_on,
    created.day as created_on,
    case when t.person is null then nullif(lower(trim(r.email)), '') else t.email end as email,
    coalesce(case when t.person is null then nullif(r.company, '') else t.company end, c.name) as company,
    h.channel_group,
    h.channel,
    nullif(o.campaign, '') as campaign,
    coalesce(case when t.person is null then nullif(country.text, '') else t.country end, c.country) as country,
    coalesce(case when t.person is null then nullif(industry.text, '') else t.industry end, c.industry) as industry,
    case when t.person is null then nullif(owner.text, '') else t.owner end as owner,
    p.is_icp as icp,
    p.segments,
    case
        when t.person is null then nullif(reason.text, '') else t.disqualified_reason
    end as disqualified_reason
from persons as p
left join calendar_days as created on created.day_number = p.created_day
join crm_people as r on r.id = coalesce(p.record, p.person)
join sources as s on s.id = r.source
join channels as h on h.id = p.channel
left join origins as o on o.id = p.origin
left join person_texts as t on t.person = p.person
left join company_facts as c on c.reference = p.company
left join texts as country on country.id = r.country
left join texts as industry on industry.id = r.industry
left join texts as owner on owner.id = r.owner
left join texts as reason on reason.id = r.disqualified_reason
-- cross: each person is read once for all stages
cross join stages as e
left join calendar_days as k
    on k.day_number = case e.place
        when 0 then coalesce(p.contact_day, p.created_day)
        when 1 then p.lead_day
        when 2 then p.mql_day
        when 3 then p.sql_day
        when 4 then p.opportunity_day
        else p.won_day
    end
where e.place <= p.reached
-- no row: of a compound view SQLite makes an index where it is joined, instead of reading all of it for each row
union all
select null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
where false;
