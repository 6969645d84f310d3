-- Inbound trend: new leads per month of the Inbound group, and where they are heading
-- The trend is the straight line of least squares over the complete months shown; under
-- eight months of inbound leads it is too early to judge.
-- Grain: one row per month.
-- :from  first day, default last-24-months
-- :to  last day, default last-month
-- :segment  only people of this segment of funnelite.toml, optional
with counted as (
    select period as month, value as leads
    from kpi_cells
    where
        :segment is null
        and grain = 'month'
        and kpi = 'leads'
        and channel_group = 'Inbound'
        and channel = 'All'
    union all
    select substr(entered_on, 1, 7) || '-01', 1
    from stage_entries
    where
        :segment is not null
        and segments like '%;' || :segment || ';%'
        and stage = 'lead'
        and channel_group = 'Inbound'
),

months as (
    select
        p.starts as month,
        coalesce(sum(c.leads), 0) as leads
    from periods as p
    left join counted as c on p.starts = c.month
    where p.grain = 'month' and p.is_complete = 1 and p.starts between :from and :to
    group by p.starts
),

begun as (
    select
        month,
        leads,
        1.0 * row_number() over (order by month) as x
    from months
    where month >= (select min(month) from months where leads > 0)
),

sums as (
    select
        count(*) as n,
        sum(x) as sx,
        sum(leads) as sy,
        sum(x * leads) as sxy,
        sum(x * x) as sxx
    from begun
),

line as (
    select
        n,
        (n * sxy - sx * sy) / nullif(n * sxx - sx * sx, 0) as slope,
        sx / n as mean_x,
        sy / n as mean_y
    from sums
)

select
    substr(b.month, 1, 7) as month,
    b.leads as inbound_leads,
    case when l.n >= 8 then round(l.mean_y + l.slope * (b.x - l.mean_x), 1) end
        as trend_leads,
    case when l.n >= 8 then round(l.slope, 2) end as leads_per_month,
    case
        when l.n < 8 then 'too early to judge: ' || l.n || ' of 8 months'
        when l.slope > 0.02 * l.mean_y then 'growing'
        when l.slope < -0.02 * l.mean_y then 'shrinking'
        else 'steady'
    end as verdict,
    (
        select group_concat(n.text, '; ')
        from notes as n
        where substr(n.day, 1, 7) = substr(b.month, 1, 7)
    ) as notes
from begun as b
cross join line as l
order by b.month
