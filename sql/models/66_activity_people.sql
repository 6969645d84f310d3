-- When our own people did something with a person: called, wrote, met, finished a task. A task still to do is nothing yet,
-- a note is nothing at all, and a meeting counts from the moment it was put in the calendar.
-- Grain: one row per activity and record.
-- key: activity

create table activity_people (
    activity integer not null,                 -- crm_activities.id
    source integer not null,
    record_id text not null,
    acted_at text not null,                    -- UTC
    primary key (source, record_id, activity)
) strict, without rowid;
-- replaced by activity
create index activity_people_activity on activity_people (activity);

insert or ignore into activity_people
with timed as (
    select
        id,
        source,
        person_ids,
        case
            when length(completed_at) > 10 and kind is not 'event' then completed_at
            when kind = 'event' and length(created_at) > 10 then created_at
            when kind = 'task' or (kind is null and status is not null) then null
            when length(occurred_at) > 10 then occurred_at
            else created_at
        end as moment
    from crm_activities
    where
        id in (select id from touched_activity)
        and person_ids <> '' and coalesce(is_deleted, 0) = 0 and kind is not 'note'
)

select t.id, t.source, i.value, utc_moment(t.moment)
from timed as t
join json_each(id_list(t.person_ids)) as i
where length(t.moment) > 10;
