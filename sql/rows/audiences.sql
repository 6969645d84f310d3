-- Changes of e-mail lists and networks: of the period, or all up to its end where the size is asked
-- measures: list_size, opening(list_size), followers, opening(followers), list_growth, followers_growth
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
with moves as (
    select
        m.day,
        s.system || coalesce(' ' || nullif(s.account, ''), '') as record,
        nullif(m.name, '') as name,
        case m.kind when 'followers' then 'Organic social' else 'Email' end as channel,
        case
            when :measure in ('list_growth', 'followers_growth')
                then coalesce(m.joined - coalesce(m.left_count, 0), m.change)
            else m.change
        end as value,
        m.kind,
        m.joined is not null or m.left_count is not null or m.size is null as is_growth
    from audience_moves as m
    inner join sources as s on m.source = s.id
)

select day, record, name, channel, value
from moves
where
    (kind = 'followers') = (:measure like '%followers%')
    and case
        when :measure like 'opening%' then day < :from
        when :measure like '%growth' then is_growth and day between :from and :to
        else day <= :to
    end
    and value <> 0
    and (:channel is null or :channel in (channel, 'Inbound'))
order by day, record, name
