-- What people say brought them, beside the channel that was tracked
-- Shares are of the people who answered; `--by channel` crosses answer with channel.
-- Grain: one row per answer, or per answer and tracked channel.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :channel  a channel or channel group, optional
-- :segment  only people of this segment of funnelite.toml, optional
-- :by  one row per, default answer, one of answer|channel
-- :limit  how many rows, default 50
with asked as (
    select
        coalesce(answer, '(no answer)') as answer,
        case when :by = 'channel' then channel end as tracked_channel,
        sum(people) as people,
        sum(opportunities) as opportunities,
        sum(customers) as customers
    from self_reported_people
    where
        created_on between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and (:segment is null or segments like '%;' || :segment || ';%')
    group by coalesce(answer, '(no answer)'), tracked_channel
),

-- a deal counts once for each answer of its people
deals_told as (
    select distinct
        answer,
        case when :by = 'channel' then channel end as tracked_channel,
        system,
        deal_id,
        amount_reporting
    from self_reported_deals
    where
        created_on between :from and :to
        and (:channel is null or :channel in (channel, channel_group))
        and (:segment is null or segments like '%;' || :segment || ';%')
),

deals_won as (
    select
        answer,
        tracked_channel,
        count(*) as won_deals,
        sum(amount_reporting) as won_revenue
    from deals_told
    group by answer, tracked_channel
),

counted as (
    select a.*, w.won_deals, w.won_revenue
    from asked as a
    left join deals_won as w
        on a.answer = w.answer and a.tracked_channel is not distinct from w.tracked_channel
)

select
    answer,
    tracked_channel,
    people,
    case
        when answer <> '(no answer)'
            then 1.0 * people / nullif(
                sum(people) filter (where answer <> '(no answer)') over (), 0
            )
    end as answer_share,
    1.0 * people / nullif(sum(people) over (), 0) as people_share,
    opportunities,
    customers,
    won_deals,
    won_revenue
from counted
order by answer = '(no answer)', people desc, answer, tracked_channel
limit :limit
