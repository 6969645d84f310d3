-- People who name a campaign, by the month in which they entered a stage; those who became no lead at an unknown date.
-- Grain: one row per campaign name as it is written, platform, channel and month.
-- key: person
-- form: sums

create table campaign_people (
    campaign_key text not null,
    platform text not null,
    campaign text not null,
    channel integer not null,
    month text not null,                       -- '' = at an unknown date
    people integer not null,                   -- by the month of their lead
    leads integer not null,
    mqls integer not null,
    opportunities integer not null,
    primary key (campaign_key, platform, campaign, channel, month)
) strict, without rowid;

insert into campaign_people
with entries as (
    select origin, channel, lead_day as day, 1 as people, reached >= 1 as lead, 0 as mql, 0 as opportunity
    from persons
    where person in (select id from touched_person) and origin is not null
    union all
    select origin, channel, mql_day, 0, 0, 1, 0
    from persons
    where person in (select id from touched_person) and origin is not null and reached >= 2
    union all
    select origin, channel, opportunity_day, 0, 0, 0, 1
    from persons
    where person in (select id from touched_person) and origin is not null and reached >= 4
),

-- days are few, and so are what is left of the people
days as (
    select origin, channel, day, sum(people) as people, sum(lead) as leads, sum(mql) as mqls, sum(opportunity) as opportunities
    from entries
    group by origin, channel, day
)

select
    o.campaign_key,
    o.platform,
    o.campaign,
    d.channel,
    coalesce(substr(date_of(d.day), 1, 7) || '-01', ''),
    ?1 * sum(d.people),
    ?1 * sum(d.leads),
    ?1 * sum(d.mqls),
    ?1 * sum(d.opportunities)
from days as d
join origins as o on o.id = d.origin
where o.campaign_key <> ''
group by 1, 2, 3, 4, 5
on conflict do update set
    people = people + excluded.people,
    leads = leads + excluded.leads,
    mqls = mqls + excluded.mqls,
    opportunities = opportunities + excluded.opportunities;

delete from campaign_people where people = 0 and leads = 0 and mqls = 0 and opportunities = 0;
