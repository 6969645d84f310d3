-- Sizes of e-mail lists and networks as changes by day, and who joined and left.
-- key: all
-- reads: audience_days, audience_members

select
    iif(kind = 'followers', 'followers', 'list_size') as measure,
    day,
    iif(kind = 'followers', 'Inbound', 'Inbound') as channel_group,
    iif(kind = 'followers', 'Organic social', 'Email') as channel,
    change as value,
    0 as incomplete
from audience_moves
union all
select
    iif(kind = 'followers', 'followers_growth', 'list_growth'),
    day,
    'Inbound',
    iif(kind = 'followers', 'Organic social', 'Email'),
    coalesce(joined - coalesce(left_count, 0), change),
    0
from audience_moves
where joined is not null or left_count is not null or size is null
