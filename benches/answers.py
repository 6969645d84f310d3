"""Questions that people ask, twice: of the views, and of the exports as they are, loaded into DuckDB's own tables.

Each has a title, the statement for the views, the one for `ads`, `contacts` and `deals` as the generator of `bench.py`
writes them, and the columns whose sums have to be the same in both. Where a column is not checked, the raw table cannot
say the same: a deal makes its person an opportunity, and a sales cycle begins with a person's first touch.
"""

QUESTIONS = [
    (
        "spend, clicks and CPC by month and channel",
        '''
        select month, channel, sum(spend_reporting) as spend, sum(clicks) as clicks, sum(spend_reporting) / sum(clicks) as cpc
        from ad_performance_monthly
        where month between '2024-01' and '2025-12-31'
        group by month, channel
        ''',
        '''
        select date_trunc('month', Day) as month, "Campaign type" as channel, sum(Cost) as spend, sum(Clicks) as clicks,
            sum(Cost) / sum(Clicks) as cpc
        from ads
        where Day < '2026-01-01'
        group by all
        ''',
        ("spend", "clicks"),
    ),
    (
        "CTR, CPC and conversions of the campaigns of a quarter",
        '''
        select campaign, sum(impressions) as impressions, sum(clicks) as clicks, sum(conversions) as conversions,
            sum(spend_reporting) as spend, sum(spend_reporting) / sum(clicks) as cpc,
            1.0 * sum(clicks) / sum(impressions) as ctr
        from ad_performance_monthly
        where month between '2025-10' and '2025-12-31'
        group by campaign
        ''',
        '''
        select Campaign as campaign, sum(cast(replace("Impr.", ',', '') as bigint)) as impressions,
            sum(Clicks) as clicks, sum(Conversions) as conversions, sum(Cost) as spend, sum(Cost) / sum(Clicks) as cpc,
            sum(Clicks) / sum(cast(replace("Impr.", ',', '') as bigint)) as ctr
        from ads
        where Day between '2025-10-01' and '2025-12-31'
        group by all
        ''',
        ("impressions", "clicks", "conversions", "spend"),
    ),
    (
        "cohorts by month of creation and source: who came how far",
        '''
        select cohort_month, channel, contacts, leads, mqls, sqls, opportunities, won, lead_to_mql_rate
        from funnel_cohorts
        ''',
        '''
        select date_trunc('month', "Create Date") as cohort_month, "Original Traffic Source" as channel,
            count(*) as contacts,
            count("Date entered ""Lead (Lifecycle Stage Pipeline)""") as leads,
            count("Date entered ""Marketing Qualified Lead (Lifecycle Stage Pipeline)""") as mqls,
            count("Date entered ""Sales Qualified Lead (Lifecycle Stage Pipeline)""") as sqls,
            count("Date entered ""Opportunity (Lifecycle Stage Pipeline)""") as opportunities,
            count("Date entered ""Customer (Lifecycle Stage Pipeline)""") as won,
            mqls / leads as lead_to_mql_rate
        from contacts
        group by all
        ''',
        ("contacts",),
    ),
    (
        "contacts, leads and MQLs by month",
        '''
        select month, sum(contacts) as contacts, sum(leads) as leads, sum(mqls) as mqls
        from funnel_monthly
        group by month
        ''',
        '''
        select month, sum(contacts) as contacts, sum(leads) as leads, sum(mqls) as mqls
        from (
            select date_trunc('month', "Create Date") as month, 1 as contacts, 0 as leads, 0 as mqls
            from contacts
            union all
            select date_trunc('month', "Date entered ""Lead (Lifecycle Stage Pipeline)"""), 0, 1, 0
            from contacts
            union all
            select date_trunc('month', "Date entered ""Marketing Qualified Lead (Lifecycle Stage Pipeline)"""), 0, 0, 1
            from contacts
        )
        where month is not null
        group by month
        ''',
        ("contacts",),
    ),
    (
        "won deals, revenue and deal size by month",
        '''
        select period, sum(value) filter (where kpi = 'won_deals') as deals,
            sum(value) filter (where kpi = 'won_revenue') as revenue,
            sum(value) filter (where kpi = 'average_deal_size') as deal_size
        from kpi_monthly
        where channel = 'All' and channel_group = 'All' and kpi in ('won_deals', 'won_revenue', 'average_deal_size')
        group by period
        ''',
        '''
        select date_trunc('month', "Close Date") as period, count(*) as deals, sum(Amount) as revenue,
            avg(Amount) as deal_size
        from deals
        where "Is Closed Won"
        group by all
        ''',
        ("deals", "revenue"),
    ),
    (
        "win rate and sales cycle by month",
        '''
        select period, sum(numerator) filter (where kpi = 'win_rate') as won,
            sum(denominator) filter (where kpi = 'win_rate') as closed,
            sum(value) filter (where kpi = 'win_rate') as win_rate,
            sum(value) filter (where kpi = 'average_sales_cycle_days') as sales_cycle_days
        from kpi_monthly
        where channel = 'All' and channel_group = 'All' and kpi in ('win_rate', 'average_sales_cycle_days')
        group by period
        ''',
        '''
        select date_trunc('month', "Close Date") as period, count(*) filter (where "Is Closed Won") as won,
            count(*) as closed, won / closed as win_rate,
            avg(date_diff('day', "Create Date", "Close Date")) filter (where "Is Closed Won") as sales_cycle_days
        from deals
        where "Is Deal Closed?"
        group by all
        ''',
        ("won", "closed"),
    ),
    (
        "cost per lead and cost per opportunity by month",
        '''
        select period, sum(numerator) filter (where kpi = 'cost_per_lead') as spend,
            sum(value) filter (where kpi = 'cost_per_lead') as cost_per_lead,
            sum(value) filter (where kpi = 'cost_per_opportunity') as cost_per_opportunity
        from kpi_monthly
        where
            channel = 'All' and channel_group = 'All' and period between '2024-01-01' and '2025-08-31'
            and kpi in ('cost_per_lead', 'cost_per_opportunity')
        group by period
        ''',
        '''
        with spend as (
            select date_trunc('month', Day) as month, sum(Cost) as spend
            from ads
            where Day between '2024-01-01' and '2025-08-31'
            group by all
        ),
        leads as (
            select date_trunc('month', "Date entered ""Lead (Lifecycle Stage Pipeline)""") as month, count(*) as leads
            from contacts
            group by all
        ),
        opportunities as (
            select date_trunc('month', "Date entered ""Opportunity (Lifecycle Stage Pipeline)""") as month,
                count(*) as opportunities
            from contacts
            group by all
        )
        select month as period, spend, spend / leads as cost_per_lead, spend / opportunities as cost_per_opportunity
        from spend
        left join leads using (month)
        left join opportunities using (month)
        ''',
        ("spend",),
    ),
    (
        "open deals and their money by stage",
        '''
        select stage, sum(deals) as deals, sum(amount) as amount
        from open_pipeline
        group by stage
        ''',
        '''
        select "Deal Stage" as stage, count(*) as deals, sum(Amount) as amount
        from deals
        where not "Is Deal Closed?"
        group by all
        ''',
        ("deals", "amount"),
    ),
]
