-- Search Console by day, from its date table alone: its query and page tables are capped.
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
select w.source, w.property, w.day_from, max(w.clicks), max(w.impressions), max(w.position_millionths)
from web_rows as w
join sources as s on s.id = w.source
where
    s.system = 'search_console' and w.report = 'date' and w.filters = '' and w.day_from = w.day_to
    and w.sessions is null
group by w.source, w.property, w.day_from;
