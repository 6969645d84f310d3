create view stage_entries as
-- People by the stages they reached, with the day that counts for it: a stage without a date of its own is entered at
-- the earliest date of the later ones; `entered_on` is null where the stage was reached on an unknown day.
-- Grain: one row per person and stage reached.
with reached as (
    select p.*, 'contact' as stage, p.contact_day as day_number from persons as p
    union all
    select p.*, 'lead', p.lead_day from persons as p where p.reached >= 1
    union all
    select p.*, 'mql', p.mql_day from persons as p where p.reached >= 2
    union all
    select p.*, 'sql', p.sql_day from persons as p where p.reached >= 3
    union all
    select p.*, 'opportunity', p.opportunity_day from persons as p where p.reached >= 4
    union all
    select p.*, 'won', p.won_day from persons as p where p.reached >= 5
)

select
    s.system || ':' || r.record_id as person_id,
    e.stage,
    k.day as entered_on,
    created.day as created_on,
    case when t.person is null then nullif(lower(trim(r.email)), '') else t.email end as email,
    h.channel_group,
    h.channel,
    nullif(o.campaign, '') as campaign,
    coalesce(case when t.person is null then nullif(r.country, '') else t.country end, c.country) as country,
    coalesce(case when t.person is null then nullif(r.industry, '') else t.industry end, c.industry) as industry,
    case when t.person is null then nullif(r.owner, '') else t.owner end as owner,
    e.is_icp as icp,
    e.segments,
    case
        when t.person is null then nullif(r.disqualified_reason, '') else t.disqualified_reason
    end as disqualified_reason
from reached as e
join crm_people as r on r.id = e.record
join sources as s on s.id = r.source
join channels as h on h.id = e.channel
left join origins as o on o.id = e.origin
left join person_texts as t on t.person = e.person
left join company_facts as c on c.reference = e.company
left join calendar_days as k on k.day_number = e.day_number
left join calendar_days as created on created.day_number = e.created_day
