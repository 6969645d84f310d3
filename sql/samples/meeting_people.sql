-- People with a held meeting.
select starts_on as day, coalesce(h.channel_group, 'Unknown') as channel_group,
    coalesce(h.channel, 'Unknown') as channel, f.person as value,
    f.person as record, f.email as name
from meeting_facts as f
left join channels as h on h.id = f.channel
where is_prospect and outcome = 'held' and person is not null
