-- Search Console by day, from its date table alone: its query and page tables are capped.
-- A property within another one (https://blog.acme.example/ within acme.example) is in its numbers already, and so is
-- an export whose property is not known, on days that a known property tells of.
-- Grain: one row per property and day.
-- key: all
-- reads: web_rows

create table search_days (
    source integer not null,
    property text not null,
    day text not null,
    clicks integer,
    impressions integer,
    position_millionths integer,
    primary key (source, property, day)
) strict, without rowid;

insert into search_days
with told as (
    select
        w.source,
        w.property,
        w.day_from as day,
        -- `https___www.acme.example_blog_`: an address with its special characters replaced
        iif(w.property like 'http%\_\_\_%' escape '\', substr(w.property, instr(w.property, '___') + 3), w.property) as place,
        w.property like 'http%\_\_\_%' escape '\' as is_address,
        max(w.clicks) as clicks,
        max(w.impressions) as impressions,
        max(w.position_millionths) as position_millionths
    from web_rows as w
    join sources as s on s.id = w.source
    where
        s.system = 'search_console' and w.report = 'date' and w.filters = '' and w.day_from = w.day_to
        and w.sessions is null
    group by w.source, w.property, w.day_from
),

hosts as (
    select *, iif(is_address and instr(place, '_') > 0, substr(place, 1, instr(place, '_') - 1), place) as host from told
)

select n.source, n.property, n.day, n.clicks, n.impressions, n.position_millionths
from hosts as n
where not exists (
    select 1
    from hosts as w
    where
        w.source = n.source and w.day = n.day and w.property <> '' and w.property <> n.property
        and (
            n.property = ''
            or (not w.is_address and (n.host = w.host or n.host like '%.' || w.host))
            or (w.is_address and n.is_address and substr(n.property, 1, length(w.property)) = w.property)
        )
);
