-- Clicks of short links by day.
-- Grain: one row per link and day.
-- key: all
-- reads: link_days

create table link_click_days (
    id integer primary key,                    -- link_days.id
    day text not null,
    link text not null,
    target text,
    campaign text,
    clicks integer
) strict;

insert into link_click_days
select id, local_date(day), link, target, campaign, clicks from link_days where local_date(day) is not null;
