//! Derives the models, measures and KPI values from the records: all of them, or only what a file touched.

pub(crate) mod ads;
mod campaign_alias;
mod crm;
pub(crate) mod currency;
mod days;
mod expression;
mod fed;
mod functions;
mod inbound;
mod keys;
mod kpis;
mod measures;
mod plan;
mod scopes;
pub(crate) mod settle;
mod state;
mod sums;
mod touched;
mod views;

#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension};

use crate::db;
use crate::error::Result;
use crate::settings::Settings;
use crm::Everyone;
use measures::{DaySum, DaySums, Deltas, Sign};
use plan::{Model, Plan};
use state::Inputs;
use sums::Rollups;
use touched::rates::Since;

pub(crate) use ads::ALL_DAYS;
pub use kpis::catalogue::{Kpi, catalogue, inputs};
pub use state::own_measure_text;

/// Whether the database is Funnelite's.
pub fn is_ours(conn: &Connection) -> Result<bool> {
    let tables =
        "select count(*) = 2 from sqlite_schema where type = 'table' and name in ('meta', 'import_files')";
    Ok(conn.query_row(tables, [], |row| row.get(0))?)
}

/// Whether the database follows from these settings and from the tables, models and views of this program.
pub fn is_current(conn: &Connection, settings: &Settings) -> Result<bool> {
    let same = |key: &str, value: &str| {
        Ok::<_, crate::error::Error>(state::get(conn, key)?.as_deref() == Some(value))
    };
    Ok(same("models", &plan::fingerprint())?
        && same("settings", &settings.fingerprint())?
        && views::are_current(conn)?)
}

/// Brings models and views in line with this version's texts and these settings. Run once after opening for writing.
pub fn prepare(conn: &Connection, settings: &Settings) -> Result<()> {
    register_functions(conn, settings)?;
    let fingerprint = plan::fingerprint();
    let stale_texts = state::get(conn, "models")?.as_deref() != Some(fingerprint.as_str());
    let stale_settings = state::get(conn, "settings")?.as_deref() != Some(settings.fingerprint().as_str());
    if stale_texts || stale_settings {
        db::in_savepoint(conn, || {
            if stale_texts {
                views::drop_views(conn)?;
                Plan::get()?.recreate_tables(conn)?;
            }
            // before the rebuild, because measures of the workspace may read them
            views::sync_views(conn)?;
            rebuild(conn, settings)?;
            state::set(conn, "models", &fingerprint)?;
            state::set(conn, "settings", &settings.fingerprint())?;
            state::set(conn, "settings_text", &settings.text)
        })
    } else {
        // nothing has changed since the last refresh, which found it by looking at all money
        let reporting = state::get(conn, "reporting_currency")?.filter(|c| !c.is_empty());
        currency::register(conn, reporting.or(settings.currency()).as_deref())?;
        db::in_savepoint(conn, || views::sync_views(conn))
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
    let plan = Plan::get()?;
    register_functions(conn, settings)?;
    touched::create(conn, plan)?;
    touched::list_ranges(conn, false)?;
    currency::note_deals(conn, settings.currency().as_deref(), true)?;
    currency::register(conn, settings.currency().as_deref())?;
    state::register_data_date(conn)?;
    state::remember_inputs(conn, settings)?;
    if state::is_blank(conn)? {
        return settle_blank(conn, settings);
    }
    plan.empty_tables(conn)?;
    ads::touch_all(conn)?;
    ads::resolve(conn, || Ok(()))?;
    let mut everyone = Some(Everyone::join(conn, settings)?);
    for model in &plan.models {
        if model.key == CRM && everyone.is_some() {
            crm::derive(conn, settings, everyone.take())?;
        }
        fill(conn, model, &mut Rollups::default(), true)?;
    }
    let mut deltas = Deltas::default();
    for measure in &plan.measures {
        deltas.collect(conn, measure, true, Sign::Plus)?;
    }
    let mut kept = DaySums::new(conn);
    deltas.store(conn, &mut kept)?;
    let mut own = Deltas::default();
    count_own(conn, &mut own, settings)?;
    own.store(conn, &mut kept)?;
    let dates = state::update_dates(conn, settings)?;
    state::write_targets(conn, settings)?;
    kpis::recompute(conn, settings, kept, kpis::Extent::Everything, &dates)?;
    touched::clear(conn, plan)
}

/// What a database holds before the first file: nothing is there to be derived, but what KPIs mean can be read.
fn settle_blank(conn: &Connection, settings: &Settings) -> Result<()> {
    let mut own = Deltas::default();
    count_own(conn, &mut own, settings)?;
    own.store(conn, &mut DaySums::new(conn))?;
    state::update_dates(conn, settings)?;
    state::write_targets(conn, settings)?;
    kpis::define(conn, settings)
}

/// The key of the tables that hold people and deals; what is counted of them has the keys that follow.
const CRM: &str = "crm";
const CRM_KEYS: [&str; 2] = ["person", "deal"];

/// Derives again what the rows in `touched_rows` reach. Runs inside the transaction that changed them.
pub fn refresh(conn: &Connection, settings: &Settings) -> Result<()> {
    let plan = Plan::get()?;
    touched::create(conn, plan)?;
    touched::list_ranges(conn, false)?;
    currency::note_deals(conn, settings.currency().as_deref(), false)?;
    currency::register(conn, settings.currency().as_deref())?;
    state::register_data_date(conn)?;
    let inputs = state::inputs(conn, settings)?;
    if inputs == Inputs::Changed || touched::reaches_everything(conn)? {
        return rebuild(conn, settings);
    }
    if inputs == Inputs::First {
        state::remember_inputs(conn, settings)?;
    }
    let mut own = Deltas::default();
    let mut kept = DaySums::new(conn);
    own.take_own_away(conn, &mut kept)?;
    touched::notice_new_systems(conn)?;
    if let Since::Day(first) = touched::rates::since(conn)? {
        touched::rates::touch_deals(conn, first)?;
    }
    ads::touch(conn)?;
    let mut work = Refresh {
        conn,
        settings,
        plan,
        all_people: touched::is_first(conn)? || touched::is_mostly_new(conn)?,
        everyone: None,
        opened: Vec::new(),
        deltas: Deltas::default(),
        rollups: Rollups::default(),
    };
    if work.all_people {
        work.everyone = Some(Everyone::join(conn, settings)?);
    } else {
        touched::list_ranges(conn, true)?;
        touched::collect(conn, settings)?;
    }
    // of those whose rows are all derived again, no list is needed
    touched::run_own_keys(conn, plan, |key| !work.is_whole(key))?;
    if touched::has_any(conn, "campaign")? {
        ads::resolve(conn, || work.open("campaign"))?;
    }
    work.derive_models()?;
    for key in work.opened.clone() {
        work.count(key, Sign::Plus)?;
    }
    if work.opened.contains(&"campaign") && state::inputs(conn, settings)? == Inputs::Changed {
        // the only file in some currency came or went with these ads
        return rebuild(conn, settings);
    }
    let mut reach = work.deltas.store(conn, &mut kept)?;
    count_own(conn, &mut own, settings)?;
    reach.extend(own.store(conn, &mut kept)?);
    let dates = state::update_dates(conn, settings)?;
    state::write_targets(conn, settings)?;
    kpis::recompute(conn, settings, kept, kpis::Extent::Reached(reach), &dates)?;
    touched::clear(conn, plan)
}

/// Derives the rows of the touched keys, or all of them, after they were cleared.
fn fill(conn: &Connection, model: &Model, rollups: &mut Rollups, everything: bool) -> Result<()> {
    if !model.is_sums {
        return model.fill(conn, everything);
    }
    rollups.collect(conn, model, everything, Sign::Plus)?;
    rollups.store(conn, model, everything)
}

/// A refresh on its way.
struct Refresh<'c> {
    conn: &'c Connection,
    settings: &'c Settings,
    plan: &'static Plan,
    /// These are the first people or companies, or most people or deals are touched: deriving all of them is cheaper
    /// than following each.
    all_people: bool,
    /// Until they are derived.
    everyone: Option<Everyone>,
    /// Keys whose measures were taken back.
    opened: Vec<&'static str>,
    deltas: Deltas,
    rollups: Rollups,
}

impl Refresh<'_> {
    /// Whether all rows of a key are derived again.
    fn is_whole(&self, key: &str) -> bool {
        self.all_people && (key == CRM || CRM_KEYS.contains(&key) || touched::follows_people(key))
    }

    fn count(&mut self, key: &str, sign: Sign) -> Result<()> {
        for measure in self.plan.measures_of(key, self.conn) {
            self.deltas.collect(self.conn, measure, self.is_whole(key), sign)?;
        }
        Ok(())
    }

    /// Takes back what is counted of a key before its models change.
    fn open(&mut self, key: &'static str) -> Result<()> {
        self.opened.push(key);
        if !self.is_whole(key) {
            for model in self.plan.models.iter().filter(|model| model.is_sums && model.key == key) {
                self.rollups.collect(self.conn, model, false, Sign::Minus)?;
            }
        }
        self.count(key, Sign::Minus)
    }

    fn derive_models(&mut self) -> Result<()> {
        for model in &self.plan.models {
            if !model.is_stale(self.conn, |key| self.is_whole(key)) {
                continue;
            }
            let key = model.key.as_str();
            let is_first = !self.opened.contains(&key);
            if key == CRM {
                if is_first {
                    self.derive_people()?;
                }
                continue;
            }
            if is_first && !self.is_whole(key) {
                touched::run_own_key(self.conn, self.plan, key)?;
            }
            if key != "all" && !self.is_whole(key) && !touched::has_any(self.conn, key)? {
                continue;
            }
            if is_first {
                self.open(key)?;
            }
            let is_whole = self.is_whole(key);
            model.clear(self.conn, is_whole)?;
            fill(self.conn, model, &mut self.rollups, is_whole)?;
        }
        Ok(())
    }

    fn derive_people(&mut self) -> Result<()> {
        self.opened.push(CRM);
        for key in CRM_KEYS {
            if self.is_whole(key) || touched::has_any(self.conn, key)? {
                self.open(key)?;
            }
        }
        if self.all_people || CRM_KEYS.iter().any(|key| self.opened.contains(key)) {
            crm::derive(self.conn, self.settings, self.everyone.take())?;
        }
        Ok(())
    }
}

/// Counts the measures of the workspace, which read the views, and those the days that are counted on.
fn count_own(conn: &Connection, own: &mut Deltas, settings: &Settings) -> Result<()> {
    if !settings.own.measures.is_empty() {
        days::cover(conn)?;
    }
    own.collect_own(conn, &settings.own.measures)
}

/// The sums of a measure by day, number of its scope, and value.
pub fn days_of_measure(conn: &Connection, name: &str) -> Result<Vec<(i32, u32, i64)>> {
    let mut found = Vec::new();
    let id = conn.query_row("select id from measures where name = ?1", [name], |row| row.get(0));
    if let Some(id) = id.optional()? {
        let see = |sum: DaySum| found.push((sum.day, sum.scope.0, sum.sum.0));
        DaySums::new(conn).each(id, (None, None), see)?;
    }
    Ok(found)
}

/// What one unit of a measure adds to a formula of the catalogue; with its constants, or without those that only change
/// the unit.
pub fn weight_in(formula: &str, measure: &str, with_units: bool, margin: f64) -> Result<f64> {
    let look_up = |name: &str| (name == "margin").then_some(margin);
    Ok(expression::Expression::parse(formula)?.weight_of(measure, with_units, &look_up))
}
