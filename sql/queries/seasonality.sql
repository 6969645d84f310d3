-- Seasonality: how each month of the year stands against a centred trend of twelve months
-- An index of 1.2 is a month 20 % above its trend. Under 24 complete months with this KPI
-- the answer says so instead of guessing; only KPIs that add up over time make sense here.
-- Grain: one row per month of the year.
-- :kpi  the KPI, default leads
-- :channel  a channel or channel group, optional
-- :by  how the channel is meant, default total, one of total|channel_group|channel
with months as (
    select
        p.starts as month,
        coalesce(c.value, 0) as value
    from periods as p
    left join (
        select period, sum(value) as value
        from kpi_cells
        where
            grain = 'month'
            and kpi = :kpi
            and level = :by
            and (:channel is null or :channel in (channel, channel_group))
        group by period
    ) as c on p.starts = c.period
    where p.grain = 'month' and p.is_complete = 1
),

begun as (
    select *
    from months
    where month >= (select min(month) from months where value <> 0)
),

trended as (
    select
        month,
        value,
        (
            sum(value) over (order by month rows between 6 preceding and 5 following)
            + sum(value) over (order by month rows between 5 preceding and 6 following)
        ) / 24.0 as trend,
        row_number() over (order by month) as place,
        count(*) over () as months
    from begun
),

judged as (
    select
        substr(month, 6, 2) as month_of_year,
        months,
        case when place > 6 and place <= months - 6 then value / nullif(trend, 0) end
            as seasonal_index
    from trended
),

indexed as (
    select
        month_of_year,
        avg(seasonal_index) as seasonal_index,
        count(seasonal_index) as years
    from judged
    where months >= 24
    group by month_of_year
)

select
    month_of_year,
    1.0 * seasonal_index / nullif(avg(seasonal_index) over (), 0) as seasonal_index,
    years,
    null as note
from indexed
union all
select
    null,
    null,
    null,
    'needs 24 complete months of ' || :kpi || ', has ' || coalesce(max(months), 0)
from judged
having coalesce(max(months), 0) < 24
order by month_of_year
