-- People whose first touch names a campaign, with the months in which they reached each stage; '' = reached, no date.
-- Grain: one row per person with a campaign.
-- key: person

create table campaign_people (
    person integer primary key,
    campaign_key text not null,                -- the name, or id, as names are compared
    campaign text not null,
    platform text not null,
    channel_group text not null,
    channel text not null,
    lead_month text,
    mql_month text,
    opportunity_month text
) strict;
-- the people of a campaign
create index campaign_people_campaign on campaign_people (
    campaign_key, platform, channel_group, channel, lead_month, mql_month, opportunity_month
);

insert into campaign_people
select
    person,
    norm_name(campaign),
    campaign,
    coalesce(platform, ''),
    channel_group,
    channel,
    iif(reached >= 1, coalesce(substr(date_of(lead_day), 1, 7) || '-01', ''), null),
    iif(reached >= 2, coalesce(substr(date_of(mql_day), 1, 7) || '-01', ''), null),
    iif(reached >= 4, coalesce(substr(date_of(opportunity_day), 1, 7) || '-01', ''), null)
from persons
where person in (select id from touched_person) and norm_name(campaign) is not null;
