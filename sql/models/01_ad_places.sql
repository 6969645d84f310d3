-- Where settled ad numbers are shown: campaign and ad group ('' = the campaign as a whole) in one currency.
-- Grain: one row per campaign, ad group and currency.
-- key: rust

create table ad_places (
    id integer primary key,
    campaign integer not null,
    group_key text not null,
    currency text not null,
    ad_group text not null,
    unique (campaign, group_key, currency)
) strict;
