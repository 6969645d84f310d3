-- E-mail: opens, clicks, forwards, unsubscribes, bounces
-- Unique opens and clicks ÷ delivered; bounces ÷ sent. Apple and security software open
-- mails by themselves: trust clicks more than opens.
-- Grain: one row per e-mail, or per period.
-- :from  first day, default last-3-{grain}s
-- :to  last day, default last-{grain}
-- :grain  length of the periods, default month, one of week|month|quarter|year
-- :by  one row per, default period, one of period|email
-- :limit  how many rows, default 100
with spans as (
    select label, starts, ends, is_complete
    from periods
    where grain = :grain and starts between :from and :to
),

counted as (
    select
        s.starts,
        s.ends,
        s.label,
        s.is_complete,
        case :by when 'email' then e.sent_on end as sent_on,
        case :by when 'email' then e.name end as email,
        count(*) as emails,
        sum(e.recipients) as recipients,
        sum(e.delivered) as delivered,
        sum(e.unique_opens) as unique_opens,
        sum(e.unique_clicks) as unique_clicks,
        sum(e.forwards) as forwards,
        sum(e.unsubscribes) as unsubscribes,
        sum(e.bounces) as bounces
    from spans as s
    inner join emails as e on e.sent_on between s.starts and s.ends
    group by s.starts, case :by when 'email' then e.system || ':' || e.email_id end
)

select
    label as period,
    sent_on,
    email,
    emails,
    recipients,
    delivered,
    unique_opens,
    unique_clicks,
    1.0 * unique_opens / nullif(delivered, 0) as open_rate,
    1.0 * unique_clicks / nullif(delivered, 0) as click_rate,
    1.0 * unique_clicks / nullif(unique_opens, 0) as click_to_open_rate,
    forwards,
    1.0 * unsubscribes / nullif(delivered, 0) as unsubscribe_rate,
    1.0 * bounces / nullif(recipients, 0) as bounce_rate,
    is_complete,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where n.day between counted.starts and counted.ends
    ) as notes
from counted
order by starts, sent_on, email
limit :limit
