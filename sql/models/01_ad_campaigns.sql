-- Campaigns of the ad platforms, each once, whatever its spellings, with the latest name and type.
-- Grain: one row per account and campaign.
-- key: rust

create table ad_campaigns (
    id integer primary key,
    source integer not null references sources (id),
    platform text not null,
    account text not null,
    campaign_key text not null,                -- `id:…`, or `name:…` where no single id is known
    unit integer not null default 0,           -- campaigns that can only be settled together share one
    campaign_id text not null,
    campaign text not null default '',         -- the latest name
    campaign_type text not null default '',
    channel_group text not null default '',
    channel text not null default '',
    unique (source, platform, campaign_key)
) strict;
-- campaigns of one unit are settled together
create index ad_campaigns_unit on ad_campaigns (unit);
