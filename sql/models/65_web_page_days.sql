-- Sessions by landing page and day, from the reports that know the page; settled like all sessions.
-- Grain: one row per property, day, page, channel and country.
-- key: web_property

create table web_page_days (
    web_property text not null,
    property text not null,
    day text not null,
    page text not null,
    channel_group text not null,
    channel text not null,
    country text not null,
    sessions integer,
    engaged_sessions integer,
    primary key (web_property, day, page, channel, country)
) strict, without rowid;

insert into web_page_days
with files as (
    select id, row_number() over (order by sort_key, id) as rank from import_files
),

told as (
    select
        w.web_property,
        max(w.property) as property,
        json_group_array(json_array(
            day_number(w.day_from),
            day_number(w.day_to),
            iif('+' || w.report || '+' like '%+channel+%', 1, 2),
            w.report,
            f.rank,
            json_array(w.page, w.channel, w.country),
            w.sessions,
            w.engaged_sessions,
            null,
            null,
            null
        )) as said
    from (select source || '|' || property as web_property, * from web_rows) as w
    left join files as f on f.id = w.last_file
    where
        w.web_property in (select id from touched_web_property)
        and w.filters = '' and w.sessions is not null and w.page <> ''
    group by w.web_property
),

settled as (
    select
        t.web_property,
        t.property,
        date_of(d.value ->> 0) as day,
        d.value ->> 1 as place,
        d.value ->> 2 as sessions,
        d.value ->> 3 as engaged_sessions
    from told as t
    join json_each(settle_days(t.said)) as d
),

placed as (
    select *, channel_of(json_object('source', place ->> 1)) as said from settled
)

select
    web_property,
    property,
    day,
    place ->> 0 as page,
    substr(said, 1, instr(said, '|') - 1),
    substr(said, instr(said, '|') + 1),
    place ->> 2 as country,
    sum(sessions),
    sum(engaged_sessions)
from placed
group by web_property, day, page, said, country;
