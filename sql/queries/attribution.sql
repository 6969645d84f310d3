-- Attribution: won revenue credited to the touches that led to it
-- Of each won deal's touches until its close, by anybody associated with it:
--   first, last    all to the first or the last touch
--   linear         the same to each
--   u-shaped       40 % first, 40 % the touch that made the lead, 20 % the others
--   w-shaped       30 % first, 30 % lead, 30 % opportunity, 10 % the others
--   time-decay     half as much for every 7 days before the close, up to 84 days
-- Where touches are one and the same its weights add up; where there are no others, their
-- part goes to the rest. Credit per deal sums to its amount to the millionth. Revenue of
-- deals without a touch and spend of channels without credit have rows of their own.
-- Grain: one row per channel, or campaign.
-- :from  first closing day, default last-12-months
-- :to  last closing day, default last-month
-- :model  who gets how much, default linear, one of first|last|linear|u-shaped|w-shaped|time-decay
-- :lookback  only touches of so many days before the close, number, optional
-- :by  one row per, default channel, one of channel|campaign
with won as (
    select
        deal_id,
        system,
        cast(round(amount_reporting * 1000000) as integer) as amount
    from deals
    where status = 'won' and closed_on between :from and :to and amount_reporting > 0
),

path as (
    select
        deal_id,
        system,
        opportunity_on,
        cast(round(amount_reporting * 1000000) as integer) as amount,
        touched_on,
        case :by
            when 'campaign' then coalesce(nullif(campaign, ''), '(no campaign)')
            else channel
        end as name,
        lead_on,
        cast(julianday(closed_on) - julianday(touched_on) as integer) as days_before,
        row_number() over (
            partition by system, deal_id
            order by touched_at, person_id, channel, campaign, kind
        ) as place,
        count(*) over (partition by system, deal_id) as touches
    from deal_touches
    where
        status = 'won'
        and closed_on between :from and :to
        and amount_reporting > 0
        and touched_on <= closed_on
        and (
            :lookback is null
            or julianday(closed_on) - julianday(touched_on) <= :lookback
        )
),

keyed as (
    select
        *,
        max(
            1,
            coalesce(
                max(case when touched_on <= lead_on then place end)
                    over deal,
                1
            )
        ) as lead_place,
        max(
            1,
            coalesce(
                max(case when touched_on <= opportunity_on then place end)
                    over deal,
                1
            )
        ) as opportunity_place
    from path
    window deal as (partition by system, deal_id)
),

roles as (
    select
        *,
        (place = 1) as is_first,
        (place = lead_place) as is_lead,
        (place = opportunity_place) as is_opportunity,
        max(
            1,
            sum(
                place not in (1, lead_place)
                and (:model = 'u-shaped' or place <> opportunity_place)
            ) over (partition by system, deal_id)
        ) as others
    from keyed
),

-- whole numbers, so that nothing is lost in rounding
weighted as (
    select
        *,
        case :model
            when 'first' then place = 1
            when 'last' then place = touches
            when 'linear' then 1
            when 'u-shaped' then
                case
                    when is_first + is_lead = 0 then 20
                    else 40 * others * (is_first + is_lead)
                end
            when 'w-shaped' then
                case
                    when is_first + is_lead + is_opportunity = 0 then 10
                    else 30 * others * (is_first + is_lead + is_opportunity)
                end
            else
                (14 - min(days_before, 84) % 7) << (12 - min(days_before, 84) / 7)
        end as weight
    from roles
),

summed as (
    select
        *,
        sum(weight) over (partition by system, deal_id) as weights
    from weighted
),

-- amount × weight ÷ weights without leaving 64 bits: quotient and rest apart
floored as (
    select
        *,
        (amount / weights) * weight + (amount % weights) * weight / weights as credit,
        (amount % weights) * weight % weights as rest
    from summed
),

credited as (
    select
        name,
        deal_id,
        system,
        -- the millionths that rounding down left go to the largest rests
        credit + (
            row_number() over (partition by system, deal_id order by rest desc, place)
            <= amount - sum(credit) over (partition by system, deal_id)
        ) as credit
    from floored
    where weight > 0
),

revenue as (
    select
        name,
        count(distinct system || ':' || deal_id) as deals,
        sum(credit) / 1000000.0 as credited_revenue
    from credited
    group by name
    union all
    select
        '(no touch)',
        count(*),
        sum(amount) / 1000000.0
    from won
    where (deal_id, system) not in (select deal_id, system from credited)
    having count(*) > 0
),

spent as (
    select channel as name, value as spend
    from kpi_cells
    where
        :by = 'channel'
        and grain = 'month'
        and kpi = 'spend'
        and level = 'channel'
        and period between substr(:from, 1, 7) || '-01' and :to
    union all
    select coalesce(nullif(campaign, ''), '(no campaign)'), spend
    from campaigns_monthly
    where
        :by = 'campaign'
        and spend <> 0
        and month between substr(:from, 1, 7) || '-01' and :to
),

joined as (
    select name, deals, credited_revenue, null as spend from revenue
    union all
    select name, 0, 0, spend from spent
)

select
    name,
    sum(deals) as deals,
    sum(credited_revenue) as credited_revenue,
    1.0 * sum(credited_revenue) / nullif(sum(sum(credited_revenue)) over (), 0)
        as revenue_share,
    sum(spend) as spend,
    1.0 * (sum(credited_revenue) - sum(spend)) / nullif(sum(spend), 0) as roi,
    case
        when name = '(no touch)' then 'revenue of deals without a known touch'
        when sum(deals) = 0 then 'spend without credited revenue'
    end as note
from joined
group by name
order by credited_revenue desc, spend desc, name
