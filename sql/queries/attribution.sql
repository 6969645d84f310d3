-- Attribution: won deals and their revenue credited to the touches that led to them
-- Of each won deal's touches until its close, by anybody associated with it:
--   first, last    all to the first or the last touch
--   linear         the same to each
--   u-shaped       40 % first, 20 % those between, 40 % last; of two touches 50 % each
--   w-shaped       30 % first, 30 % the touch that made the lead, 30 % the touch that made
--                  the opportunity, 10 % the others
--   time-decay     half as much for every 7 days before the close, up to 84 days
-- Where touches are one and the same its weights add up; where there are no others, their
-- part goes to the rest. Credit per deal sums to its amount to the millionth, and to one
-- deal. Cost is the spend of the months in which these days lie. Deals without a touch, and
-- spend of channels or campaigns without credit, have rows of their own.
-- Grain: one row per channel, or campaign.
-- :from  first closing day, default last-12-months
-- :to  last closing day, default last-month
-- :model  who gets how much, default linear, one of first|last|linear|u-shaped|w-shaped|time-decay
-- :lookback  only touches of so many days before the close, number, optional
-- :by  one row per, default channel, one of channel|channel_group|campaign
-- :segment  only deals of this segment of funnelite.toml, optional
-- :limit  how many rows, default 200
with won as materialized (
    select
        row_number() over () as deal,
        deal_id,
        system,
        cast(round(coalesce(max(amount_reporting, 0), 0) * 1000000) as integer) as amount
    from deals
    where
        status = 'won'
        and closed_on between :from and :to
        and (:segment is null or segments like '%;' || :segment || ';%')
),

-- a touch names a campaign as the ad platform does, by its name or by its id
campaign_names as (
    select lower(trim(said)) as said, max(campaign) as campaign
    from (
        select campaign as said, campaign from campaigns
        union
        select campaign_id, campaign from campaigns
        union
        select campaign, campaign from spend where platform is null
    )
    where :by = 'campaign' and said <> ''
    group by lower(trim(said))
),

told as materialized (
    select *
    from deal_touches
    where
        status = 'won'
        and closed_on between :from and :to
        and touched_on <= closed_on
        and (
            :lookback is null
            or julianday(closed_on) - julianday(touched_on) <= :lookback
        )
),

path as materialized (
    select
        w.deal,
        w.amount,
        t.touched_on,
        t.opportunity_on,
        t.lead_on,
        case :by
            when 'campaign'
                then coalesce(n.campaign, nullif(t.campaign, ''), '(no campaign)')
            when 'channel_group' then t.channel_group
            else t.channel
        end as name,
        cast(julianday(t.closed_on) - julianday(t.touched_on) as integer) as days_before,
        row_number() over (
            partition by w.deal
            order by t.touched_at, t.person_id, t.channel, t.campaign, t.kind
        ) as place,
        count(*) over (partition by w.deal) as touches
    from told as t
    inner join won as w on t.system = w.system and t.deal_id = w.deal_id
    left join campaign_names as n on n.said = lower(trim(t.campaign))
),

keyed as (
    select
        *,
        max(
            1,
            coalesce(max(case when touched_on <= lead_on then place end) over whole, 1)
        ) as lead_place,
        max(
            1,
            coalesce(max(case when touched_on <= opportunity_on then place end) over whole, 1)
        ) as opportunity_place
    from path
    window whole as (partition by deal)
),

-- how often a touch is one of the model's key touches, and how many touches are none
roles as (
    select
        *,
        case :model
            when 'u-shaped' then (place = 1) + (place = touches)
            else (place = 1) + (place = lead_place) + (place = opportunity_place)
        end as keys,
        case :model
            when 'u-shaped' then max(1, touches - 2)
            else max(
                1,
                sum(place not in (1, lead_place, opportunity_place))
                    over (partition by deal)
            )
        end as others
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
            when 'u-shaped' then case keys when 0 then 20 else 40 * others * keys end
            when 'w-shaped' then case keys when 0 then 10 else 30 * others * keys end
            -- 2 ^ (-days / 7): the days of a week from a table, whole weeks by halving
            else
                case min(days_before, 84) % 7
                    when 0 then 16384
                    when 1 then 14839
                    when 2 then 13440
                    when 3 then 12173
                    when 4 then 11026
                    when 5 then 9986
                    else 9045
                end << (12 - min(days_before, 84) / 7)
        end as weight
    from roles
),

summed as (
    select
        *,
        sum(weight) over (partition by deal) as weights
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

credited as materialized (
    select
        name,
        deal,
        1.0 * weight / weights as deal_part,
        -- the millionths that rounding down left go to the largest rests
        credit + (
            row_number() over (partition by deal order by rest desc, place)
            <= amount - sum(credit) over (partition by deal)
        ) as credit
    from floored
    where weight > 0
),

revenue as (
    select
        name,
        count(distinct deal) as touched_deals,
        sum(deal_part) as credited_deals,
        sum(credit) / 1000000.0 as credited_revenue
    from credited
    group by name
    union all
    select
        '(no touch)',
        count(*),
        1.0 * count(*),
        sum(amount) / 1000000.0
    from won
    where deal not in (select deal from credited where deal is not null)
    having count(*) > 0
),

spent as (
    select case level when 'channel' then channel else channel_group end as name, value as spend
    from kpi_cells
    where
        grain = 'month'
        and kpi = 'spend'
        and level = :by
        and period between substr(:from, 1, 7) || '-01' and :to
    union all
    select coalesce(nullif(campaign, ''), '(no campaign)'), spend_reporting
    from ad_performance_monthly
    where
        :by = 'campaign'
        and spend_reporting <> 0
        and month between substr(:from, 1, 7) || '-01' and :to
    union all
    select coalesce(campaign, '(no campaign)'), spend_reporting
    from spend
    where
        :by = 'campaign'
        and platform is null
        and substr(day, 1, 7) between substr(:from, 1, 7) and substr(:to, 1, 7)
),

joined as (
    select name, touched_deals, credited_deals, credited_revenue, null as spend
    from revenue
    union all
    select name, 0, 0, 0, round(sum(spend), 6)
    from spent
    group by name
    having abs(sum(spend)) > 0.0000005
)

select
    name,
    sum(touched_deals) as touched_deals,
    sum(credited_deals) as credited_deals,
    sum(credited_revenue) as credited_revenue,
    1.0 * sum(credited_revenue) / nullif(sum(sum(credited_revenue)) over (), 0)
        as revenue_share,
    sum(spend) as spend,
    1.0 * sum(spend) / nullif(sum(credited_deals), 0) as cost_per_deal,
    1.0 * (sum(credited_revenue) - sum(spend)) / nullif(sum(spend), 0) as roi,
    case
        when name = '(no touch)' then 'deals without a known touch'
        when sum(touched_deals) = 0 then 'spend without credit'
    end as note
from joined
group by name
order by credited_revenue desc, spend desc, name
limit :limit
