//! Reads what the exports said about one unit of campaigns.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};

use super::ALL_DAYS;
use super::campaigns::Unit;
use super::identity::{Interner, Names};
use super::news::News;
use super::resolve::{Day, Report, Row};
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
                 p.ad_group_id, p.ad_id, p.campaign, p.ad_group, p.ad, p.item
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
    conn: &Connection,
    unit: &Unit,
    places: &Places,
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
    let mut statement = conn.prepare_cached(
        "select period_start, days, report, spend_micros, impressions, clicks, conversions_millionths,
             leads_millionths
         from ad_rows where path = ?1 and period_start between ?2 and ?3",
    )?;
    for (path, known) in plain.paths.iter_mut().zip(&places.paths) {
        if let Some(told) = news.of(path.0, files, currency).filter(|_| unit.is_new) {
            sums.add_told(path.1, &told);
            path.3 = Some(told.file);
            plain.labels.push((path.1, path.2.clone(), files.rank(told.file), known.names[1].clone()));
            continue;
        }
        let mut rows = statement.query(params![path.0, unit.first, unit.last])?;
        let (mut latest, mut rank, mut report_before) = (None, 0, None);
        while let Some(row) = rows.next()? {
            let (first, days, report): (i32, i32, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
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
            let values = [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?];
            sums.add(&Number { campaign: path.1, day: first, reported: values[0], values });
        }
        drop(rows);
        path.3 = settle_latest(conn, known, latest, files)?;
        let rank = path.3.map_or(0, |f| files.rank(f));
        plain.labels.push((path.1, path.2.clone(), rank, known.names[1].clone()));
    }
    Ok(Some(plain))
}

/// Reads the rows of a unit, each told by what it is about.
pub(super) fn rows(conn: &Connection, unit: &Unit, places: &Places, files: &Files) -> Result<Rows> {
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
        let (latest, longest) =
            read_path(conn, unit, path, &spot.template, files, &mut currencies, &mut out.rows)?;
        let latest = settle_latest(conn, path, latest, files)?;
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
fn read_path(
    conn: &Connection,
    unit: &Unit,
    path: &Path,
    template: &Row,
    files: &Files,
    currencies: &mut Interner,
    rows: &mut Vec<Row>,
) -> Result<(Option<i64>, i32)> {
    let mut statement = conn.prepare_cached(
        "select period_start, days, report, spend_micros, impressions, clicks, conversions_millionths,
             leads_millionths
         from ad_rows where path = ?1 and period_start between ?2 and ?3",
    )?;
    let mut found = statement.query(params![path.id, unit.first, unit.last])?;
    let (mut latest, mut longest) = (None, 1);
    while let Some(r) = found.next()? {
        let (first, days, report): (i32, i32, i64) = (r.get(0)?, r.get(1)?, r.get(2)?);
        let (file, code) = files.report(report);
        let as_of = files.rank(file);
        if latest.is_none_or(|kept| files.rank(kept) < as_of) {
            latest = Some(file);
        }
        longest = longest.max(days);
        let mut values = [None; super::resolve::METRICS];
        for (i, value) in values.iter_mut().enumerate() {
            *value = r.get(3 + i)?;
        }
        let currency = currencies.number(code) as u16;
        let report = Report { days, first, ..template.report };
        rows.push(Row { report, currency, as_of, values, ..template.clone() });
    }
    Ok((latest, longest))
}

/// The latest file of a path, when only a window of it was read.
fn settle_latest(conn: &Connection, path: &Path, seen: Option<i64>, files: &Files) -> Result<Option<i64>> {
    let rank = |file: Option<i64>| file.map_or(0, |f| files.rank(f));
    if rank(path.latest_file) <= rank(seen) {
        return Ok(seen);
    }
    let mut statement = conn.prepare_cached(
        "select 1 from ad_rows where path = ?1 and report in (select id from ad_reports where file = ?2) limit 1",
    )?;
    if statement.exists(params![path.id, path.latest_file])? {
        return Ok(path.latest_file);
    }
    let mut statement = conn.prepare_cached("select distinct report from ad_rows where path = ?1")?;
    let all = statement.query_map([path.id], |r| r.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok(all.into_iter().map(|report| files.report(report).0).max_by_key(|f| files.rank(*f)))
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
             from ad_campaigns as c
             join ad_campaign_paths as m on m.campaign = c.id and m.place is not null
             join ad_rows as r on r.path = m.path
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
