-- People with their channel, first and last touch, and the stages they reached. Days are since 1970-01-01. A stage
-- without a day of its own has the earliest day of the later ones; one without any is reached at an unknown date (null).
-- What few say comes last, because columns behind the last one that a row has take no space.
-- Grain: one row per person.
-- key: crm

create table persons (
    person integer primary key,                -- the smallest of its record ids
    channel integer not null,
    created_day integer,
    is_creation_touch integer not null,        -- 1 nothing precedes its creation, which is a touch; 2 the same, of unknown channel
    reached integer not null,                  -- 0 contact, 1 lead, 2 mql, 3 sql, 4 opportunity, 5 won
    -- How the day of each stage is known, three bits each from the lowest: lead, mql, sql, opportunity, won,
    -- disqualified. 0 not said, 1 between exports, 2 current value (date unknown), 3 deal, 4 entered date, 5 history,
    -- 6 milestone, 7 deal without a date.
    evidence integer not null,
    lead_day integer,
    mql_day integer,
    company integer,                           -- company_facts.reference; null where there are no companies
    origin integer,                            -- campaign and ad platform of the first touch
    sql_day integer,
    opportunity_day integer,
    won_day integer,
    answer integer,                            -- what it says brought it: words.id
    disqualified_day integer,
    last_channel integer,                      -- of the last touch; null where it is the channel
    first_touch_day integer,                   -- null where it is the day of creation
    last_touch_day integer,                    -- the same
    contact_day integer,                       -- the same: another where the day of creation is unknown
    record integer,                            -- its earliest record (crm_people.id), by which it is called; null = `person`
    created_at text,                           -- UTC; null where it is the record's own text, with a Z after the seconds
    is_icp integer,                            -- null where no such segment is described
    segments text
) strict;
-- the median time to win of the last year, and attendance before the win
create index persons_won on persons (won_day) where won_day is not null;
-- people of a company
create index persons_company on persons (company) where company is not null;
-- people who say what brought them or are in a segment, which few are
create index persons_told on persons (person) where answer is not null or segments is not null;
