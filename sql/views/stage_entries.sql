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
    r.person_id,
    r.stage,
    k.day as entered_on,
    r.created_on,
    r.email,
    r.channel_group,
    r.channel,
    r.campaign,
    coalesce(r.country, c.country) as country,
    coalesce(r.industry, c.industry) as industry,
    r.owner,
    r.is_icp as icp,
    r.segments
from reached as r
left join calendar_days as k on k.day_number = r.day_number
left join company_facts as c on c.source = r.company_source and c.record_id = r.company_id
