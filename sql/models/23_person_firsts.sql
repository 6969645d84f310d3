-- A person's channel and first touch: the CRM's sources, else the first touch whose channel is known.
-- Grain: one row per person.
-- key: person

create table person_firsts (
    person integer primary key,
    channel_group text not null,
    channel text not null,
    first_touch_on text,
    last_dated_channel text                    -- of the latest touch that says a channel, creation aside
) strict;

insert into person_firsts
with touched as (
    select
        person,
        min(touched_on) as first_touch_on,
        min(case when channel <> 'Unknown' then touched_at || channel_group || '|' || channel end) as first_known,
        max(case when kind <> 'created' and not is_inherited then touched_at || channel end) as last_dated
    from person_touches
    where person in (select id from touched_person)
    group by person
)

select
    o.person,
    case
        when o.channel = 'Unknown' and t.first_known is not null
            then substr(t.first_known, 21, instr(t.first_known, '|') - 21)
        else o.channel_group
    end,
    case
        when o.channel = 'Unknown' and t.first_known is not null
            then substr(t.first_known, instr(t.first_known, '|') + 1)
        else o.channel
    end,
    nullif(min(coalesce(t.first_touch_on, '9999'), coalesce(date_of(o.created_day), '9999')), '9999'),
    substr(t.last_dated, 21)
from person_origins as o
left join touched as t on t.person = o.person
where o.person in (select id from touched_person);
