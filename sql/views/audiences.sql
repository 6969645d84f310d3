create view audiences as
-- E-mail lists and followers: size, who joined and who left.
-- Grain: one row per day and list or network on which something is known.
select
    m.day,
    m.kind,
    s.system as platform,
    nullif(m.name, '') as name,
    m.size,
    m.joined,
    m.left_count as "left"
from audience_moves as m
join sources as s on s.id = m.source
