-- Lists and networks: who joined and left by day, and the size that follows or was given.
-- Addresses are counted on the day they joined and left; where an export gives no such day, on the day of the export.
-- Grain: one row per list or network and day on which something is known.
-- key: all
-- reads: audience_days, audience_members

create table audience_moves (
    source integer not null,
    kind text not null,                        -- email_list | followers
    name text not null,
    day text not null,
    joined integer,
    left_count integer,
    change integer not null,                   -- of the size since the day before it
    size integer,                              -- null where only changes are known
    primary key (source, kind, name, day)
) strict, without rowid;

insert into audience_moves
with members as (
    select
        m.source,
        m.name,
        m.status,
        coalesce(local_date(m.joined_at), substr(f.as_of, 1, 10)) as joined_on,
        -- who subscribed again has a day of leaving from an older export
        iif(
            lower(coalesce(m.status, '')) = 'subscribed', null,
            coalesce(
                local_date(m.left_at),
                iif(lower(coalesce(m.status, '')) in ('unsubscribed', 'cleaned'), substr(f.as_of, 1, 10), null)
            )
        ) as left_on
    from audience_members as m
    left join import_files as f on f.id = m.last_file
    -- contacts that never were on the list
    where lower(coalesce(m.status, '')) <> 'nonsubscribed'
),

member_moves as (
    select source, name, day, sum(joined) as joined, sum(gone) as gone
    from (
        select source, name, joined_on as day, 1 as joined, 0 as gone from members
        union all
        select source, name, max(left_on, joined_on), 0, 1 from members where left_on is not null
    )
    where day is not null
    group by source, name, day
),

given as (
    select
        source,
        kind,
        name,
        day,
        joined,
        left_count,
        size,
        size - lag(size) over (partition by source, kind, name, size is null order by day) as grown,
        lag(size) over (partition by source, kind, name, size is null order by day) is null as is_first
    from audience_days
)

select
    source, 'email_list', name, day, joined, gone, joined - gone,
    sum(joined - gone) over (partition by source, name order by day)
from member_moves
union all
select
    source,
    kind,
    name,
    day,
    joined,
    left_count,
    case
        when size is not null and is_first then size
        when size is not null then grown
        else coalesce(joined, 0) - coalesce(left_count, 0)
    end,
    size
from given
where not (kind = 'email_list' and exists (
    select 1 from member_moves as m where m.source = given.source and m.name = given.name
));
