//! Derives the models, measures and KPI values from the records: all of them, or only what a file touched.

pub(crate) mod ads;
mod campaign_alias;
pub(crate) mod currency;
mod days;
mod expression;
mod functions;
mod inbound;
mod kpis;
mod measures;
mod plan;
pub(crate) mod settle;
mod state;
mod touched;
mod views;

#[cfg(test)]
mod tests;

use rusqlite::Connection;

use crate::error::Result;
use crate::settings::Settings;
use measures::{Deltas, Sign};
use plan::{Model, Plan};

pub(crate) use ads::ALL_DAYS;
pub use kpis::catalogue::{Kpi, catalogue};
pub use views::drop_views;

/// Whether the database follows from these settings and from the models and views of this program; true for one that
/// is not Funnelite's, which is nobody's to change.
pub fn is_current(conn: &Connection, settings: &Settings) -> Result<bool> {
    if !conn.table_exists(None, "meta")? || !conn.table_exists(None, "import_files")? {
        return Ok(true);
    }
    let same = |key: &str, value: &str| {
        Ok::<_, crate::error::Error>(state::get(conn, key)?.as_deref() == Some(value))
    };
    Ok(same("models", &Plan::load()?.fingerprint)?
        && same("settings", &settings.fingerprint())?
        && views::are_current(conn)?)
}

/// Brings models and views in line with this version's texts and these settings. Run once after opening for writing.
pub fn prepare(conn: &Connection, settings: &Settings) -> Result<()> {
    register_functions(conn, settings)?;
    let plan = Plan::load()?;
    let stale_texts = state::get(conn, "models")?.as_deref() != Some(plan.fingerprint.as_str());
    let stale_settings = state::get(conn, "settings")?.as_deref() != Some(settings.fingerprint().as_str());
    if stale_texts || stale_settings {
        in_savepoint(conn, || {
            if stale_texts {
                views::drop_views(conn)?;
                plan.recreate_tables(conn)?;
            }
            rebuild(conn, settings)?;
            state::set(conn, "models", &plan.fingerprint)?;
            state::set(conn, "settings", &settings.fingerprint())?;
            state::set(conn, "settings_text", &settings.text)?;
            views::sync_views(conn)
        })
    } else {
        currency::register(conn, settings.currency().as_deref())?;
        in_savepoint(conn, || views::sync_views(conn))
    }
}

/// Registers the functions that models call, with these settings; the one for currencies needs the models' tables.
fn register_functions(conn: &Connection, settings: &Settings) -> Result<()> {
    functions::register(conn, settings)?;
    campaign_alias::register(conn, settings)?;
    inbound::register(conn, settings)?;
    settle::register(conn)
}

/// Derives everything again from the records.
pub fn rebuild(conn: &Connection, settings: &Settings) -> Result<()> {
    let plan = Plan::load()?;
    register_functions(conn, settings)?;
    currency::register(conn, settings.currency().as_deref())?;
    state::remember_inputs(conn, settings)?;
    plan.empty_tables(conn)?;
    touched::create(conn, &plan)?;
    ads::touch_all(conn)?;
    ads::resolve(conn)?;
    touched::identity::rebuild(conn, settings)?;
    for model in &plan.models {
        model.fill(conn, true)?;
    }
    let mut deltas = Deltas::default();
    for measure in &plan.measures {
        deltas.collect(conn, measure, true, Sign::Plus)?;
    }
    deltas.store(conn, settings, true)?;
    let dates = state::update_dates(conn, settings)?;
    state::write_targets(conn, settings)?;
    kpis::recompute(conn, settings, &plan, kpis::Scope::Everything, &dates)?;
    touched::clear(conn, &plan)
}

/// Derives again what the rows in `touched_rows` reach. Runs inside the transaction that changed them.
pub fn refresh(conn: &Connection, settings: &Settings) -> Result<()> {
    let plan = Plan::load()?;
    currency::register(conn, settings.currency().as_deref())?;
    if state::inputs_changed(conn, settings)? || touched::reaches_everything(conn)? {
        return rebuild(conn, settings);
    }
    touched::create(conn, &plan)?;
    ads::touch(conn)?;
    touched::collect(conn, settings)?;
    touched::run_own_keys(conn, &plan)?;
    let mut deltas = Deltas::default();
    let mut opened: Vec<&str> = Vec::new();
    if touched::has_campaigns(conn)? {
        opened.push("campaign");
        for measure in plan.measures_of("campaign", conn) {
            deltas.collect(conn, measure, false, Sign::Minus)?;
        }
        ads::resolve(conn)?;
    }
    for model in plan.models.iter().filter(|m| m.is_stale(conn)) {
        if !opened.contains(&model.key.as_str()) {
            opened.push(&model.key);
            touched::run_own_key(conn, &plan, &model.key)?;
            for measure in plan.measures_of(&model.key, conn) {
                deltas.collect(conn, measure, false, Sign::Minus)?;
            }
        }
        model.refresh(conn)?;
    }
    for key in &opened {
        for measure in plan.measures_of(key, conn) {
            deltas.collect(conn, measure, false, Sign::Plus)?;
        }
    }
    if opened.contains(&"campaign") && state::inputs_changed(conn, settings)? {
        // the only file in some currency came or went with these ads
        return rebuild(conn, settings);
    }
    let reach = deltas.store(conn, settings, false)?;
    let dates = state::update_dates(conn, settings)?;
    state::write_targets(conn, settings)?;
    kpis::recompute(conn, settings, &plan, kpis::Scope::Reached(reach), &dates)?;
    touched::clear(conn, &plan)
}

fn in_savepoint(conn: &Connection, work: impl FnOnce() -> Result<()>) -> Result<()> {
    conn.execute_batch("savepoint models")?;
    match work() {
        Ok(()) => Ok(conn.execute_batch("release models")?),
        Err(err) => {
            conn.execute_batch("rollback to models; release models")?;
            Err(err)
        }
    }
}

impl Model {
    /// Deletes and derives the rows of the touched keys.
    fn refresh(&self, conn: &Connection) -> Result<()> {
        self.clear_touched(conn)?;
        self.fill(conn, false)
    }
}
