-- Where a stage was entered between two exports, the day of the last one that showed something else.
-- Grain: one row per person and such stage.
-- key: crm

create table stage_bounds (
    person integer not null,
    stage integer not null,                    -- 0 lead, 1 mql, 2 sql, 3 opportunity, 4 won, 5 disqualified
    not_before integer not null,               -- days since 1970-01-01
    primary key (person, stage)
) strict, without rowid;
