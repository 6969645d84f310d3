//! Exchange rates that came: the last one before a day counts, so what is in other currencies changes from their first
//! day on.

use rusqlite::Connection;

use crate::error::Result;
use crate::settings::calendar::parse_day;

/// The first day from which the touched rates may convert money differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::models) enum Since {
    /// No rate was touched.
    Never,
    Day(i32),
    /// Some are gone, or hold always.
    Ever,
}

pub(in crate::models) fn since(conn: &Connection) -> Result<Since> {
    let (touched, lasting, first) = conn.query_row(
        "select count(*), count(*) - count(nullif(r.day, '')), min(nullif(r.day, ''))
         from touched_rows as t
         left join currency_rates as r on r.id = t.record and coalesce(r.is_base, 0) = 0
         where t.target = 'currency_rates'",
        [],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?)),
    )?;
    Ok(match first.as_deref().and_then(parse_day) {
        _ if touched == 0 => Since::Never,
        Some(day) if lasting == 0 => Since::Day(day),
        _ => Since::Ever,
    })
}

/// Touches the deals with money in another currency than the reporting one, from a day on.
pub(in crate::models) fn touch_deals(conn: &Connection, first: i32) -> Result<()> {
    conn.execute(
        "insert or ignore into touched_rows
         select 'crm_deals', d.deal
         from deal_facts as d
         join crm_deals as r on r.id = d.deal
         where
            coalesce(d.closed_day, d.created_day) >= ?1
            and coalesce(d.currency, upper(trim(r.currency)), '') is not reporting_currency()",
        [first],
    )?;
    Ok(())
}

/// Touches the days of the campaigns that spend in another currency, from a day on.
pub(in crate::models) fn touch_ads(conn: &Connection, first: i32) -> Result<()> {
    conn.execute(
        "insert into temp.touched_ad_path
         select
            r.path, min(min(r.period_start), ?1), max(r.period_start + r.days - 1), max(r.days)
         from ad_rows as r
         join ad_reports as p on p.id = r.report
         where
            r.period_start > ?1 - (select coalesce(max(longest), 1) from ad_campaign_paths)
            and r.period_start + r.days > ?1
            and p.currency <> '' and p.currency is not reporting_currency()
         group by r.path
         on conflict do update set
            first_day = min(first_day, excluded.first_day),
            last_day = max(last_day, excluded.last_day),
            longest = max(longest, excluded.longest)",
        [first],
    )?;
    Ok(())
}
