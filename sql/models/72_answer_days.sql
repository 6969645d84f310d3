-- People who say what brought them or are in a segment, by the day they were created and channel. Most say nothing:
-- they are what the cohorts of that day and channel have beyond these, see the view `self_reported_people`.
-- Grain: one row per day of creation, channel, answer and list of segments.
-- key: person
-- form: sums

create table answer_days (
    created_day integer not null,
    channel integer not null,
    answer integer not null,                   -- words.id; 0 = says nothing
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
where
    person in (select id from touched_person)
    and (answer is not null or segments is not null)
    and created_day is not null;
