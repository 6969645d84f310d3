-- Plan: the people and the spend it takes to win so many
-- Works back from wins (or from revenue, by the average deal size) through the rates of
-- mature cohorts of the last 24 months: people old enough to have become whatever they
-- become. Spend is the leads needed times what a lead has cost in these months.
-- Grain: one row per step.
-- :won  customers to win, number, default 10
-- :revenue  or revenue to win, number, optional
-- :period  the period to win them in, which may lie ahead, optional
-- :channel  a channel or channel group, optional
-- :segment  by the rates of this segment of funnelite.toml, optional
with spans as (
    select substr(date(data_date, '-24 months'), 1, 7) || '-01' as first_month
    from workspace
),

counted as (
    select contacts, leads, mqls, sqls, opportunities, won
    from funnel_cohorts
    where
        :segment is null
        and is_mature = 1
        and cohort_month >= (select first_month from spans)
        and (:channel is null or :channel in (channel, channel_group))
    union all
    select
        stage = 'contact', stage = 'lead', stage = 'mql', stage = 'sql',
        stage = 'opportunity', stage = 'won'
    from stage_entries
    where
        :segment is not null
        and segments like '%;' || :segment || ';%'
        and substr(created_on, 1, 7) || '-01' in (
            select cohort_month from funnel_cohorts where is_mature = 1
        )
        and created_on >= (select first_month from spans)
        and (:channel is null or :channel in (channel, channel_group))
),

cohorts as (
    select
        sum(contacts) as contacts,
        sum(leads) as leads,
        sum(mqls) as mqls,
        sum(sqls) as sqls,
        sum(opportunities) as opportunities,
        sum(won) as won
    from counted
),

sums as (
    select
        sum(case when kpi = 'spend' then value end) as spend,
        -- of months in which something is known to have been spent
        sum(
            case
                when kpi = 'leads' and period in (
                    select period
                    from kpi_cells
                    where grain = 'month' and kpi = 'spend' and level = 'total'
                )
                    then value
            end
        ) as leads,
        1.0 * sum(case when kpi = 'average_deal_size' then numerator end)
            / nullif(sum(case when kpi = 'average_deal_size' then denominator end), 0)
            as deal_size
    from kpi_cells
    where
        grain = 'month'
        and period >= (select first_month from spans)
        and kpi in ('spend', 'leads', 'average_deal_size')
        and level = case when :channel is null then 'total' else 'channel' end
        and (:channel is null or :channel in (channel, channel_group))
),

wanted as (
    select
        case when :revenue is null then :won else :revenue / nullif(s.deal_size, 0) end
            as wins,
        1.0 * s.spend / nullif(s.leads, 0) as cost_per_lead,
        c.*
    from sums as s
    cross join cohorts as c
),

steps as (
    select
        1 as place, 'won' as step, wins as needed, null as rate_to_next
    from wanted
    union all
    select 2, 'opportunities', wins * opportunities / nullif(won, 0),
        1.0 * won / nullif(opportunities, 0)
    from wanted
    union all
    select 3, 'sqls', wins * sqls / nullif(won, 0), 1.0 * opportunities / nullif(sqls, 0)
    from wanted
    union all
    select 4, 'mqls', wins * mqls / nullif(won, 0), 1.0 * sqls / nullif(mqls, 0)
    from wanted
    union all
    select 5, 'leads', wins * leads / nullif(won, 0), 1.0 * mqls / nullif(leads, 0)
    from wanted
)

select
    step,
    -- rounded up: half a lead is one
    cast(needed as integer) + (needed > cast(needed as integer)) as needed,
    rate_to_next as rate_to_next_step,
    case
        when :period is not null
            then needed * 30.4375 / (julianday(:period_ends) - julianday(:period) + 1)
    end as needed_per_month,
    case step when 'leads' then needed * (select cost_per_lead from wanted) end as spend,
    case when needed is null then 'no mature cohort has won anybody yet' end as note
from (select place, step, 1.0 * needed as needed, rate_to_next from steps)
order by place
