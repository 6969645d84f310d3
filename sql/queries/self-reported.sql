-- What people say brought them, beside the channel that was tracked
-- Shares are of the people who answered; `--by channel` crosses answer with channel.
-- Grain: one row per answer, or per answer and tracked channel.
-- :from  first day, default last-12-months
-- :to  last day, default last-month
-- :by  one row per, default answer, one of answer|channel
-- :limit  how many rows, default 50
with asked as (
    select
        person_id,
        nullif(self_reported_source, '') as answer,
        channel,
        furthest_stage
    from people
    where created_on between :from and :to
),

deals_won as (
    select
        a.person_id,
        count(distinct d.deal_id) as won_deals,
        sum(d.amount_reporting) as won_revenue
    from asked as a
    inner join deal_contacts as p on a.person_id = p.person_id
    inner join deals as d on p.deal_id = d.deal_id and p.system = d.system
    where d.status = 'won' and a.answer is not null
    group by a.person_id
),

counted as (
    select
        coalesce(a.answer, '(no answer)') as answer,
        case when :by = 'channel' then a.channel end as tracked_channel,
        count(*) as people,
        sum(a.furthest_stage in ('opportunity', 'won')) as opportunities,
        sum(a.furthest_stage = 'won') as customers,
        sum(w.won_deals) as won_deals,
        sum(w.won_revenue) as won_revenue
    from asked as a
    left join deals_won as w on a.person_id = w.person_id
    group by coalesce(a.answer, '(no answer)'), tracked_channel
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
