create view self_reported_people as
-- What people say brought them, and how far they came; `answer` is null for those who say nothing.
-- Grain: one row per day of creation, channel, answer and list of segments.
select
    created.day as created_on,
    h.channel_group,
    h.channel,
    w.word as answer,
    nullif(a.segments, '') as segments,
    a.people,
    a.opportunities,
    a.customers
from answer_days as a
join calendar_days as created on created.day_number = a.created_day
join channels as h on h.id = a.channel
left join words as w on w.id = a.answer;
