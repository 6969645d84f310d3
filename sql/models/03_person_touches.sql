-- Dated contacts of a person with the company: forms, campaigns, meetings, requests, touches given, latest sources.
-- Creation, where nothing precedes it, is no row here but `persons.is_creation_touch`.
-- Grain: one row per touch.
-- key: crm

create table person_touches (
    person integer not null,
    n integer not null,                        -- in order of time
    touched_at text not null,                  -- UTC
    touched_day integer not null,              -- local
    channel integer not null,
    campaign text,
    is_inherited integer not null,             -- says no channel of its own; the person's stands in
    way integer not null,
    origin_id integer,                         -- the row it comes from; null where that is a record of the person
    primary key (person, n)
) strict, without rowid;
-- rows that moved from one person to another
create index person_touches_origin on person_touches (way, origin_id) where origin_id is not null;
