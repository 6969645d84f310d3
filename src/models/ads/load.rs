//! Reads what the exports said about one unit of campaigns.

use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;

use rusqlite::{Connection, params};

use super::ALL_DAYS;
use super::campaigns::Unit;
use super::identity::{Interner, Names};
use super::news::News;
use super::resolve::{Day, Report, Row, Values};
use super::rollup::{Number, UnitSums};
use crate::error::Result;
use crate::hash::ByNumber;

/// The place of each file in the order of the fold, and what each report is of.
pub(super) struct Files {
    ranks: HashMap<i64, u32>,
    /// By report: its file and currency.
    reports: HashMap<i64, (i64, String), ByNumber>,
}

impl Files {
    pub fn new(conn: &Connection) -> Result<Self> {
        let mut statement = conn.prepare("select id from import_files order by sort_key, id")?;
        let ids = statement.query_map([], |r| r.get::<_, i64>(0))?;
        let ranks = ids.zip(1..).map(|(id, rank)| Ok((id?, rank))).collect::<rusqlite::Result<_>>()?;
        let mut statement = conn.prepare("select id, file, currency from ad_reports")?;
        let reports = statement.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))?;
        Ok(Files { ranks, reports: reports.collect::<rusqlite::Result<_>>()? })
    }

    /// The file and the currency of a report.
    pub fn report(&self, report: i64) -> (i64, &str) {
        self.reports.get(&report).map_or((0, ""), |(file, currency)| (*file, currency))
    }

    /// 0 = a file that is gone.
    pub fn rank(&self, file: i64) -> u32 {
        self.ranks.get(&file).copied().unwrap_or(0)
    }
}

/// Ids of paths between two wanted ones, up to which the rows between are passed over sooner than looked past.
const GAP: i64 = 16;

/// So many rows are read together, about.
const ROWS: i64 = 100_000;

/// The days on which rows begin within a window.
pub(super) fn starts(conn: &Connection, (first, last): (i32, i32)) -> Result<Vec<i32>> {
    let mut statement = conn.prepare_cached(
        "with recursive starts (day) as (
             select min(period_start) from ad_rows where period_start >= ?1
             union all
             select (select min(period_start) from ad_rows where period_start > day) from starts where day <= ?2
         )
         select day from starts where day <= ?2",
    )?;
    let days = statement.query_map([first, last], |r| r.get(0))?;
    Ok(days.collect::<rusqlite::Result<_>>()?)
}

/// Units that are settled by rows read together: rows lie by day, and to read those of one path seeks every day.
pub(super) fn together<'c>(
    conn: &'c Connection,
    units: &mut Peekable<impl Iterator<Item = Unit>>,
    is_told: impl Fn(i64) -> bool,
) -> Result<(Vec<(Unit, Places)>, Stored<'c>)> {
    let (mut chosen, mut paths, mut window) = (Vec::new(), Vec::new(), ALL_DAYS);
    while let Some(mut unit) = units.next() {
        if unit.is_new {
            (unit.first, unit.last) = ALL_DAYS;
        }
        let places = Places::load(conn, &unit)?;
        paths.extend(places.ids().into_iter().filter(|path| !(unit.is_new && is_told(*path))));
        window = if chosen.is_empty() {
            (unit.first, unit.last)
        } else {
            (window.0.min(unit.first), window.1.max(unit.last))
        };
        chosen.push((unit, places));
        let is_near = |next: &Unit| {
            let (first, last) = if next.is_new { ALL_DAYS } else { (next.first, next.last) };
            let days = i64::from(window.1.max(last)) - i64::from(window.0.min(first));
            (first <= ALL_DAYS.0) == (window.0 <= ALL_DAYS.0)
                && (first <= ALL_DAYS.0 || days * paths.len() as i64 <= ROWS)
        };
        if !units.peek().is_some_and(is_near) {
            break;
        }
    }
    paths.sort_unstable();
    Ok((chosen, Stored::read(conn, paths, window)?))
}

/// What is stored of a path, as it was told.
struct StoredRow {
    start: i32,
    days: i32,
    report: i64,
    values: Values,
}

/// Rows of some paths within a window, in order.
pub(super) struct Stored<'c> {
    conn: &'c Connection,
    paths: HashMap<i64, Vec<StoredRow>, ByNumber>,
}

impl<'c> Stored<'c> {
    /// The paths have to be sorted.
    pub fn read(conn: &'c Connection, paths: Vec<i64>, window: (i32, i32)) -> Result<Stored<'c>> {
        let mut stored = Stored { conn, paths: paths.iter().map(|path| (*path, Vec::new())).collect() };
        if paths.is_empty() {
            return Ok(stored);
        }
        let mut find = conn.prepare_cached(
            "select path, days, report, spend_micros, impressions, clicks, conversions_millionths, leads_millionths
             from ad_rows where period_start = ?1 and path between ?2 and ?3",
        )?;
        for start in starts(conn, window)? {
            for near in paths.chunk_by(|a, b| b - a <= GAP) {
                let mut rows = find.query(params![start, near[0], near[near.len() - 1]])?;
                while let Some(r) = rows.next()? {
                    if let Some(path) = stored.paths.get_mut(&r.get(0)?) {
                        let values = [r.get(3)?, r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?];
                        path.push(StoredRow { start, days: r.get(1)?, report: r.get(2)?, values });
                    }
                }
            }
        }
        Ok(stored)
    }

    /// Whether the rows of all these places were read.
    pub fn holds(&self, places: &Places) -> bool {
        places.paths.iter().all(|path| self.paths.contains_key(&path.id))
    }

    fn of(&self, path: i64, unit: &Unit) -> impl Iterator<Item = &StoredRow> {
        let rows = self.paths.get(&path).map_or(&[][..], Vec::as_slice);
        rows.iter().filter(|row| unit.first <= row.start && row.start <= unit.last)
    }
}

/// One path of the unit and how it reads.
#[derive(Debug)]
pub(super) struct Path {
    pub id: i64,
    pub campaign: i64,
    pub latest_file: Option<i64>,
    level: u8,
    is_partial: bool,
    breakdown: String,
    ids: [String; 3],
    names: [String; 3],
    item: String,
    /// Rows of it came or went.
    is_touched: bool,
}

/// The paths of a unit, and what each name in them stands for.
pub(super) struct Places {
    paths: Vec<Path>,
    campaign_names: Names,
    groups: HashMap<i64, Names>,
    ads: HashMap<(i64, String), Names>,
}

impl Places {
    pub fn load(conn: &Connection, unit: &Unit) -> Result<Self> {
        let mut statement = conn.prepare_cached(
            "select p.id, m.campaign, m.latest_file, p.level, p.is_partial, p.breakdown, p.campaign_id,
                 p.ad_group_id, p.ad_id, p.campaign, p.ad_group, p.ad, p.item,
                 exists (select 1 from temp.touched_ad_path as t where t.path = p.id)
             from ad_campaigns as c join ad_campaign_paths as m on m.campaign = c.id
             join ad_paths as p on p.id = m.path
             where c.unit = ?1 order by p.id",
        )?;
        let paths = statement.query_map([unit.id], |r| {
            let level: String = r.get(3)?;
            Ok(Path {
                id: r.get(0)?,
                campaign: r.get(1)?,
                latest_file: r.get(2)?,
                level: rank_level(&level),
                is_partial: r.get(4)?,
                breakdown: r.get(5)?,
                ids: [r.get(6)?, r.get(7)?, r.get(8)?],
                names: [r.get(9)?, r.get(10)?, r.get(11)?],
                item: r.get(12)?,
                is_touched: r.get(13)?,
            })
        })?;
        let mut places = Places {
            paths: paths.collect::<rusqlite::Result<_>>()?,
            campaign_names: Names::default(),
            groups: HashMap::new(),
            ads: HashMap::new(),
        };
        places.see_names();
        Ok(places)
    }

    /// Of the paths, in order.
    pub fn ids(&self) -> Vec<i64> {
        self.paths.iter().map(|path| path.id).collect()
    }

    fn see_names(&mut self) {
        for p in &self.paths {
            self.campaign_names.see(&p.ids[0], &p.names[0]);
            self.groups.entry(p.campaign).or_default().see(&p.ids[1], &p.names[1]);
        }
        for p in &self.paths {
            let group = self.groups[&p.campaign].key(&p.ids[1], &p.names[1]);
            self.ads.entry((p.campaign, group)).or_default().see(&p.ids[2], &p.names[2]);
        }
    }
}

/// A report without a known level counts as the coarsest that its columns allow.
fn rank_level(level: &str) -> u8 {
    match level {
        "account" => 0,
        "campaign" => 1,
        "ad_group" => 2,
        "ad" => 3,
        _ => 4,
    }
}

/// What a path's rows have in common.
struct Spot {
    template: Row,
    group: String,
}

/// The rows of a unit within its window, with what is needed to write the result.
pub(super) struct Rows {
    pub rows: Vec<Row>,
    /// (campaign, ad group key) by `Row::place`.
    pub places: Vec<(i64, String)>,
    /// Currency codes by `Row::currency`.
    pub currencies: Vec<String>,
    /// (campaign, ad group key, rank of the latest file, ad group name) of each path.
    pub labels: Vec<(i64, String, u32, String)>,
    /// Paths whose latest file or longest period has to be noted: path, file, days.
    pub notes: Vec<(i64, Option<i64>, i32)>,
}

/// A unit of which one report alone tells, day by day in one currency: its rows are shown as they are.
pub(super) struct Plain {
    /// (path, campaign, ad group key) and the path's latest file.
    pub paths: Vec<(i64, i64, String, Option<i64>)>,
    pub labels: Vec<(i64, String, u32, String)>,
}

/// Adds up the rows of a plain unit; nothing where the unit is not plain. What was added before that shows is worthless
/// then.
pub(super) fn plain(
    unit: &Unit,
    places: &Places,
    stored: &Stored,
    files: &Files,
    currency: &str,
    news: &News,
    sums: &mut UnitSums,
) -> Result<Option<Plain>> {
    let mut spots = Spots::default();
    let mut plain = Plain { paths: Vec::new(), labels: Vec::new() };
    let Some(head) = places.paths.first() else { return Ok(None) };
    for path in &places.paths {
        let spot = spots.spot(path, places);
        let is_alike =
            path.level == head.level && path.level < 3 && !path.is_partial && path.breakdown.is_empty();
        if !is_alike || spot.template.by_name || spots.places.len() == plain.paths.len() {
            return Ok(None);
        }
        plain.paths.push((path.id, path.campaign, spot.group, None));
    }
    for (path, known) in plain.paths.iter_mut().zip(&places.paths) {
        if let Some(told) = news.of(path.0, files, currency).filter(|_| unit.is_new) {
            sums.add_told(path.1, &told);
            path.3 = Some(told.file);
            plain.labels.push((path.1, path.2.clone(), files.rank(told.file), known.names[1].clone()));
            continue;
        }
        let (mut latest, mut rank, mut report_before) = (None, 0, None);
        for &StoredRow { start, days, report, values } in stored.of(path.0, unit) {
            if days != 1 {
                return Ok(None);
            }
            if report_before != Some(report) {
                report_before = Some(report);
                let (file, code) = files.report(report);
                if code != currency {
                    return Ok(None);
                }
                if latest.is_none() || files.rank(file) > rank {
                    (latest, rank) = (Some(file), files.rank(file));
                }
            }
            sums.add(&Number { campaign: path.1, day: start, reported: values[0], values });
        }
        path.3 = settle_latest(stored, unit, known, latest, files)?;
        let rank = path.3.map_or(0, |f| files.rank(f));
        plain.labels.push((path.1, path.2.clone(), rank, known.names[1].clone()));
    }
    Ok(Some(plain))
}

/// Reads the rows of a unit, each told by what it is about.
pub(super) fn rows(unit: &Unit, places: &Places, stored: &Stored, files: &Files) -> Result<Rows> {
    let mut spots = Spots::default();
    let mut currencies = Interner::starting_with("");
    let mut out = Rows {
        rows: Vec::new(),
        places: Vec::new(),
        currencies: Vec::new(),
        labels: Vec::new(),
        notes: Vec::new(),
    };
    for path in &places.paths {
        let spot = spots.spot(path, places);
        let told = stored.of(path.id, unit);
        let (latest, longest) = add_path(told, &spot.template, files, &mut currencies, &mut out.rows);
        let latest = settle_latest(stored, unit, path, latest, files)?;
        out.labels.push((
            path.campaign,
            spot.group,
            latest.map_or(0, |f| files.rank(f)),
            path.names[1].clone(),
        ));
        out.notes.push((path.id, latest, longest));
    }
    if let [_, _] = currencies.texts.as_slice() {
        out.rows.iter_mut().for_each(|r| r.currency = 1);
    }
    out.currencies = currencies.texts;
    out.places = spots.places;
    Ok(out)
}

/// Appends the rows of one path; gives its latest file within the window, and its longest period.
fn add_path<'s>(
    stored: impl Iterator<Item = &'s StoredRow>,
    template: &Row,
    files: &Files,
    currencies: &mut Interner,
    rows: &mut Vec<Row>,
) -> (Option<i64>, i32) {
    let (mut latest, mut longest) = (None, 1);
    for &StoredRow { start, days, report, values } in stored {
        let (file, code) = files.report(report);
        let as_of = files.rank(file);
        if latest.is_none_or(|kept| files.rank(kept) < as_of) {
            latest = Some(file);
        }
        longest = longest.max(days);
        let currency = currencies.number(code) as u16;
        let report = Report { days, first: start, ..template.report };
        rows.push(Row { report, currency, as_of, values, ..template.clone() });
    }
    (latest, longest)
}

/// The latest file of a path, when only a window of it was read.
fn settle_latest(
    stored: &Stored,
    unit: &Unit,
    path: &Path,
    seen: Option<i64>,
    files: &Files,
) -> Result<Option<i64>> {
    let rank = |file: Option<i64>| file.map_or(0, |f| files.rank(f));
    if unit.first <= ALL_DAYS.0 || rank(path.latest_file) <= rank(seen) {
        return Ok(seen);
    }
    if !path.is_touched {
        return Ok(path.latest_file);
    }
    // its rows of that file may have gone
    let stored = Stored::read(stored.conn, vec![path.id], ALL_DAYS)?;
    let all = stored.paths[&path.id].iter().map(|row| files.report(row.report).0);
    Ok(all.max_by_key(|f| files.rank(*f)))
}

/// Numbers for paths, name paths, breakdowns and places while a unit is read.
struct Spots {
    paths: Interner,
    name_paths: Interner,
    breakdowns: Interner,
    place_numbers: BTreeMap<(i64, String), u32>,
    places: Vec<(i64, String)>,
}

impl Default for Spots {
    fn default() -> Self {
        Spots {
            paths: Interner::default(),
            name_paths: Interner::default(),
            breakdowns: Interner::starting_with(""),
            place_numbers: BTreeMap::new(),
            places: Vec::new(),
        }
    }
}

impl Spots {
    fn spot(&mut self, path: &Path, known: &Places) -> Spot {
        let [_, group_id, ad_id] = &path.ids;
        let [name, group_name, ad_name] = &path.names;
        let groups = &known.groups[&path.campaign];
        let group = if path.level < 2 { String::new() } else { groups.key(group_id, group_name) };
        let ads = known.ads.get(&(path.campaign, groups.key(group_id, group_name)));
        let ad = ads.map(|a| a.key(ad_id, ad_name)).unwrap_or_default();
        let by_name = known.campaign_names.is_ambiguous(&path.ids[0], name)
            || groups.is_ambiguous(group_id, group_name)
            || ads.is_some_and(|a| a.is_ambiguous(ad_id, ad_name));
        let place = *self.place_numbers.entry((path.campaign, group.clone())).or_insert_with(|| {
            self.places.push((path.campaign, group.clone()));
            self.places.len() as u32 - 1
        });
        let full = [&path.campaign.to_string(), &group, &ad, &path.item].map(String::as_str).join("\u{1f}");
        let named = [name, group_name, ad_name, &path.item].map(String::as_str).join("\u{1f}");
        let report = Report {
            partial: path.is_partial,
            days: 1,
            level: path.level,
            breakdown: self.breakdowns.number(&path.breakdown),
            first: 0,
        };
        let template = Row {
            report,
            path: self.paths.number(&full),
            name_path: self.name_paths.number(&named),
            by_name,
            place,
            currency: 0,
            as_of: 0,
            values: Default::default(),
        };
        Spot { template, group }
    }
}

/// Days of an account on which some campaign is known, with their totals.
pub(super) fn known_days(conn: &Connection, unit: &Unit) -> Result<Vec<Day>> {
    let mut statement = conn.prepare_cached(
        "select day, sum(spend_micros), sum(impressions), sum(clicks), sum(conversions_millionths),
             sum(leads_millionths)
         from (
             select d.day, d.spend_micros, d.impressions, d.clicks, d.conversions_millionths, d.leads_millionths
             from ad_campaigns as c join ad_places as l on l.campaign = c.id join ad_days as d on d.place = l.id
             where c.source = ?1 and c.platform = ?2 and c.unit <> ?3 and d.day between ?4 and ?5
             union all
             select r.period_start, r.spend_micros, r.impressions, r.clicks, r.conversions_millionths,
                 r.leads_millionths
             from ad_rows as r
             cross join ad_campaign_paths as m on m.path = r.path and m.place is not null
             cross join ad_campaigns as c on c.id = m.campaign
             where c.source = ?1 and c.platform = ?2 and c.unit <> ?3 and r.period_start between ?4 and ?5
         )
         group by day",
    )?;
    let (first, last) = (unit.first.max(ALL_DAYS.0), unit.last);
    let days = statement.query_map(params![unit.source, unit.platform, unit.id, first, last], |r| {
        let values = [r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?];
        Ok(Day { place: u32::MAX, currency: 1, day: r.get(0)?, values })
    })?;
    Ok(days.collect::<rusqlite::Result<_>>()?)
}
