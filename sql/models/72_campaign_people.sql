-- People whose first touch is a campaign, by the month in which they entered a stage; those who became no lead at an
-- unknown date.
-- Grain: one row per campaign and ad platform, channel and month.
-- key: person
-- form: sums

create table campaign_people (
    origin integer not null,
    channel integer not null,
    month integer not null,                    -- 202610; 0 = at an unknown date
    people integer not null,                   -- by the month of their lead
    leads integer not null,
    mqls integer not null,
    opportunities integer not null,
    primary key (origin, channel, month)
) strict, without rowid;

select
    origin,
    channel,
    month_number(lead_day) as month,
    1 as people,
    reached >= 1 as leads,
    iif(reached >= 2, month_number(mql_day), null) as "month#mqls",
    1 as "mqls#mqls",
    iif(reached >= 4, month_number(opportunity_day), null) as "month#opportunities",
    1 as "opportunities#opportunities"
from persons
where person in (select id from touched_person) and origin is not null;
