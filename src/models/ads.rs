//! Ad statistics: overlapping reports of all levels and periods become one number per campaign, day and metric.
//!
//! `touch` says which campaigns and days an import changes; `resolve` settles those days again into `ad_days`.

use rusqlite::{Connection, OptionalExtension, params};

use super::currency::Rates;
use super::touched::rates::{self, Since};
use crate::error::Result;
use campaigns::Unit;
use load::{Files, Places, Stored};
use write::Writer;

mod campaigns;
mod identity;
mod load;
pub(crate) mod news;
pub(crate) mod resolve;
mod rollup;
mod write;

/// A window that holds every day there is.
pub(crate) const ALL_DAYS: (i32, i32) = (-10_000_000, 10_000_000);

/// Marks the campaigns and days that the rows in `touched_rows` change, in the temporary table `touched_campaign`.
/// A temporary table `touched_ad_days` narrows the days, where the writer made one.
pub(crate) fn touch(conn: &Connection) -> Result<()> {
    make_temporary_tables(conn)?;
    let narrowed = has_temporary(conn, "touched_ad_days")?;
    let windows = if narrowed { "left join temp.touched_ad_days as w on w.path = t.record" } else { "" };
    let days = if narrowed {
        "coalesce(w.first_day, ?1), coalesce(w.last_day, ?2), coalesce(w.longest, 1)"
    } else {
        "?1, ?2, 1"
    };
    conn.execute(
        &format!(
            "insert into temp.touched_ad_path select t.record, {days}
             from temp.touched_rows as t {windows} where t.target = 'ad_paths'"
        ),
        params![ALL_DAYS.0, ALL_DAYS.1],
    )?;
    if let Since::Day(first) = rates::since(conn)? {
        rates::touch_ads(conn, first)?;
    }
    campaigns::settle(conn)
}

/// Marks everything, for a rebuild; what was settled before is forgotten.
pub(crate) fn touch_all(conn: &Connection) -> Result<()> {
    make_temporary_tables(conn)?;
    conn.execute_batch(
        "delete from ad_days; delete from ad_places; delete from ad_campaign_paths; delete from ad_campaigns;
         delete from ad_channel_days; delete from ad_campaign_months; delete from calendar_days;",
    )?;
    conn.execute(
        "insert into temp.touched_ad_path select id, ?1, ?2, 1 from ad_paths",
        params![ALL_DAYS.0, ALL_DAYS.1],
    )?;
    campaigns::settle(conn)
}

/// Settles the touched campaigns and days. `before_sums` is called before the sums of channels change, those of the days
/// in `touched_ad_day`.
pub(crate) fn resolve(conn: &Connection, before_sums: impl FnOnce() -> Result<()>) -> Result<()> {
    let rates = Rates::in_force(conn)?;
    let files = load::Files::new(conn)?;
    let mut writer = write::Writer::new(conn, &rates)?;
    let mut units = campaigns::touched_units(conn)?.into_iter().peekable();
    while units.peek().is_some() {
        let (units, stored) = load::together(conn, &mut units, |path| writer.is_told(path, &files))?;
        for (unit, places) in units {
            settle_unit(conn, unit, &places, &stored, &files, &mut writer)?;
        }
    }
    writer.finish(before_sums)?;
    for told in ["touched_ad_days", "new_ad_paths", "new_ad_channels", "new_ad_days", "new_ad_months"] {
        if has_temporary(conn, told)? {
            conn.execute(&format!("delete from temp.{told}"), [])?;
        }
    }
    Ok(())
}

/// Settles one unit by what is stored of it.
fn settle_unit(
    conn: &Connection,
    mut unit: Unit,
    places: &Places,
    stored: &Stored,
    files: &Files,
    writer: &mut Writer,
) -> Result<()> {
    let is_whole = unit.first <= ALL_DAYS.0;
    if (unit.is_plain || is_whole) && !unit.is_remainder && writer.show_plain(&unit, places, stored, files)? {
        return Ok(());
    }
    if unit.is_plain {
        // a report that overlaps has come: all days are settled
        (unit.first, unit.last) = ALL_DAYS;
        unit.changed = ALL_DAYS;
    }
    let more;
    let stored = if (is_whole || !unit.is_plain) && stored.holds(places) {
        stored
    } else {
        more = Stored::read(conn, places.ids(), ALL_DAYS)?;
        &more
    };
    let mut rows = load::rows(&unit, places, stored, files)?;
    let given = if unit.is_remainder { load::known_days(conn, &unit)? } else { Vec::new() };
    let days = resolve::resolve(std::mem::take(&mut rows.rows), &given);
    writer.replace_days(&unit, &rows, &days)
}

fn has_temporary(conn: &Connection, table: &str) -> Result<bool> {
    let found = "select 1 from temp.sqlite_schema where name = ?1";
    Ok(conn.query_row(found, [table], |_| Ok(())).optional()?.is_some())
}

fn make_temporary_tables(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "drop table if exists temp.touched_ad_path;
         drop table if exists temp.touched_campaign;
         create temp table touched_ad_path (path integer primary key, first_day integer, last_day integer,
             longest integer);
         create temp table touched_campaign (id integer primary key, first_day integer, last_day integer);",
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
