-- E-mail campaigns sent in the period
-- measures: email_recipients, email_bounces, email_delivered_of_opens, email_opens, email_delivered_of_clicks, email_clicks, email_clicks_of_opens, email_opens_of_clicks, email_delivered_of_unsubscribes, email_unsubscribes, email_forwards
-- :measure  which of them
-- :from  first day
-- :to  last day
-- :channel  a channel or channel group, optional
with valued as (
    select
        sent_on as day,
        system || ':' || email_id as record,
        name,
        'Email' as channel,
        case :measure
            when 'email_recipients' then case when bounces is not null then recipients end
            when 'email_bounces' then case when recipients is not null then bounces end
            when 'email_opens' then case when delivered is not null then unique_opens end
            when 'email_opens_of_clicks'
                then case when unique_clicks is not null then unique_opens end
            when 'email_clicks' then case when delivered is not null then unique_clicks end
            when 'email_clicks_of_opens'
                then case when unique_opens is not null then unique_clicks end
            when 'email_unsubscribes'
                then case when delivered is not null then unsubscribes end
            when 'email_forwards' then forwards
            when 'email_delivered_of_opens'
                then case when unique_opens is not null then delivered end
            when 'email_delivered_of_clicks'
                then case when unique_clicks is not null then delivered end
            else case when unsubscribes is not null then delivered end
        end as value
    from emails
    where sent_on between :from and :to
)

select day, record, name, channel, value
from valued
where value is not null and (:channel is null or :channel in ('Email', 'Inbound'))
order by day, record
