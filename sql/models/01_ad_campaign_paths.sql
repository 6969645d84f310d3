-- Which campaign each place in an ad account belongs to.
-- Grain: one row per row of ad_paths.
-- key: rust

create table ad_campaign_paths (
    path integer primary key,
    campaign integer not null,
    longest integer not null default 1,        -- days of the longest period its rows had
    latest_file integer,                       -- the latest file among its rows
    place integer                              -- where its rows are shown as they are; null: they are settled into ad_days
) strict;
-- the rows of a campaign are read path by path
create index ad_campaign_paths_campaign on ad_campaign_paths (campaign);
-- paths whose rows need no settling
create index ad_campaign_paths_place on ad_campaign_paths (place) where place is not null;
