-- Sessions by day: each property and day once. Day rows come before ranges, narrow ranges before wide ones; of the
-- reports of one period the one by channel counts, else by source, else by something else, and never two together. Where
-- the channels of a range and the sessions of its days are known, the channels take the shape of the days.
-- Grain: one row per property, day, channel, source, medium and campaign.
-- key: web_property

create table web_days (
    web_property text not null,                -- source|property
    property text not null,
    day text not null,
    channel_group text not null,
    channel text not null,
    traffic_source text not null,
    traffic_medium text not null,
    campaign text not null,
    sessions integer,
    engaged_sessions integer,
    bounces integer,
    conversions_millionths integer,
    is_older integer not null,                 -- counts only on days that no newer analytics knows
    primary key (web_property, day, channel, traffic_source, traffic_medium, campaign)
) strict, without rowid;
-- days of newer properties are looked up
create index web_days_day on web_days (day, is_older);

insert into web_days
with files as (
    select id, row_number() over (order by sort_key, id) as rank from import_files
),

told as (
    select
        w.web_property,
        max(w.property) as property,
        max(s.system = 'universal_analytics') as is_older,
        json_group_array(json_array(
            day_number(w.day_from),
            day_number(w.day_to),
            case
                when '+' || w.report || '+' like '%+channel+%' then 1
                when '+' || w.report || '+' like '%+source+%' then 2
                when w.report = 'date' then 4
                else 3
            end,
            w.report,
            f.rank,
            json_array(w.channel, w.traffic_source, w.traffic_medium, w.campaign),
            w.sessions,
            w.engaged_sessions,
            w.bounces,
            w.conversions_millionths,
            null
        )) as said
    from (select source || '|' || property as web_property, * from web_rows) as w
    join sources as s on s.id = w.source
    left join files as f on f.id = w.last_file
    where w.web_property in (select id from touched_web_property) and w.filters = '' and w.sessions is not null
    group by w.web_property
),

settled as (
    select
        t.web_property,
        t.property,
        t.is_older,
        date_of(d.value ->> 0) as day,
        d.value ->> 1 as place,
        d.value ->> 2 as sessions,
        d.value ->> 3 as engaged_sessions,
        d.value ->> 4 as bounces,
        d.value ->> 5 as conversions_millionths
    from told as t
    join json_each(settle_days(t.said)) as d
),

placed as (
    select
        *,
        place ->> 1 as traffic_source,
        place ->> 2 as traffic_medium,
        place ->> 3 as campaign,
        channel_of(iif(
            place ->> 0 <> '',
            json_object('source', place ->> 0),
            json_object('utm_source', place ->> 1, 'utm_medium', place ->> 2, 'utm_campaign', place ->> 3)
        )) as said
    from settled
)

select
    web_property,
    property,
    day,
    substr(said, 1, instr(said, '|') - 1),
    substr(said, instr(said, '|') + 1),
    traffic_source,
    traffic_medium,
    campaign,
    sum(sessions),
    sum(engaged_sessions),
    sum(bounces),
    sum(conversions_millionths),
    is_older
from placed
group by web_property, day, said, traffic_source, traffic_medium, campaign;
