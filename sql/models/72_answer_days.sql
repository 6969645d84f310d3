-- People by the day they were created, with what they say brought them and how far they came.
-- Grain: one row per day, channel, answer and list of segments.
-- key: person
-- form: sums

create table answer_days (
    created_day integer not null,
    channel integer not null,
    answer integer not null,                   -- words.id; 0 = none
    segments text not null,                    -- '' = none
    people integer not null,
    opportunities integer not null,
    customers integer not null,
    primary key (created_day, channel, answer, segments)
) strict, without rowid;

select
    created_day,
    channel,
    coalesce(answer, 0) as answer,
    coalesce(segments, '') as segments,
    1 as people,
    reached >= 4 as opportunities,
    reached >= 5 as customers
from persons
where person in (select id from touched_person) and created_day is not null;
