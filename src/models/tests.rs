//! A refresh of what was touched gives the same views as deriving everything again.

use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::measures::{DaySum, DaySums};
use super::plan::{first_word, statements};
use super::{prepare, rebuild, refresh};
use crate::catalog;
use crate::db::texts::Interner;
use crate::settings::Settings;
use crate::trail::{Moment, Trail};

/// A small repeatable source of chance.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len() as u64) as usize]
    }

    fn day(&mut self) -> String {
        format!("2026-{:02}-{:02}", 1 + self.roll(5), 1 + self.roll(28))
    }
}

fn workspace(settings: &Settings) -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    crate::db::migrate(&mut conn).unwrap();
    for (id, system) in [(1, "hubspot"), (2, "salesforce"), (3, "sheet")] {
        conn.execute("insert into sources (id, system) values (?1, ?2)", params![id, system]).unwrap();
    }
    conn.execute(
        "insert into import_files (hash, name, path, bytes, as_of, as_of_evidence, sort_key, imported_at)
         values ('h', 'n', 'p', 0, '2026-05-10', 'name', 'k', '')",
        [],
    )
    .unwrap();
    // as if some export had every column
    conn.execute_batch(
        "insert into record_tables (name) values ('crm_people'), ('crm_deals') on conflict do nothing;
         insert into fed_columns select t.id, c.name from record_tables as t join pragma_table_info(t.name) as c;",
    )
    .unwrap();
    prepare(&conn, settings).unwrap();
    conn
}

fn touch(conn: &Connection, target: &str, record: i64) {
    conn.execute("insert or ignore into touched_rows values (?1, ?2)", params![target, record]).unwrap();
}

/// Every row of every view, and of the sums behind them.
fn dump(conn: &Connection) -> BTreeMap<String, Vec<String>> {
    let views = catalog::sql("views").into_iter().map(|t| t.name);
    let mut all = BTreeMap::new();
    let months =
        "select n.name, m.month, s.channel_group, s.channel, m.value, m.incomplete from measure_months as m
        join measures as n on n.id = m.measure join scopes as s on s.id = m.scope";
    let sums = [("measure_months", months.to_owned())];
    let names = |text: &str| {
        let mut statement = conn.prepare(text).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
        rows.unwrap().collect::<Result<BTreeMap<_, _>, _>>().unwrap()
    };
    let scopes = names("select id, channel_group || '/' || channel from scopes");
    let mut days = Vec::new();
    for (id, measure) in names("select id, name from measures") {
        let see = |s: DaySum| {
            days.push(format!("{measure} {} {} {:?}", s.day, scopes[&i64::from(s.scope.0)], s.sum));
        };
        DaySums::new(conn).each(id, (None, None), see).unwrap();
    }
    days.sort();
    all.insert("measure_days".to_owned(), days);
    for (name, text) in views.map(|name| (name, format!("select * from {name}"))).chain(sums) {
        let mut statement = conn.prepare(&text).unwrap();
        let width = statement.column_count();
        let rows = statement
            .query_map([], |row| (0..width).map(|i| row.get_ref(i).map(show)).collect::<Result<Vec<_>, _>>());
        let mut rows: Vec<String> = rows.unwrap().map(|r| r.unwrap().join(" ")).collect();
        rows.sort();
        all.insert(name.to_owned(), rows);
    }
    all
}

fn show(value: ValueRef) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

/// The number of a text.
fn say(conn: &Connection, text: &str) -> i64 {
    Interner::new(conn).id(text).unwrap()
}

fn change_person(conn: &Connection, dice: &mut Dice) {
    let id = 1 + dice.roll(25) as i64;
    touch(conn, "crm_people", id);
    if dice.roll(12) == 0 {
        conn.execute("delete from crm_people where id = ?1", [id]).unwrap();
        return;
    }
    let (source, object) =
        if id <= 14 { (1, "contact") } else { (2, if id <= 20 { "lead" } else { "contact" }) };
    let email = format!("p{}@known.example", dice.roll(12));
    let extra = if dice.roll(4) == 0 { format!("p{}@known.example", dice.roll(12)) } else { String::new() };
    let merged = if dice.roll(6) == 0 { (1 + dice.roll(25)).to_string() } else { String::new() };
    let into = if dice.roll(8) == 0 { (15 + dice.roll(6)).to_string() } else { String::new() };
    let converted =
        if object == "lead" && dice.roll(3) == 0 { (21 + dice.roll(5)).to_string() } else { String::new() };
    let deals = if dice.roll(3) == 0 {
        format!("{};{}", 1 + dice.roll(10), 1 + dice.roll(10))
    } else {
        String::new()
    };
    conn.execute(
        "insert or replace into crm_people (id, source, object, record_id, email, additional_emails, merged_ids,
            merged_into_id, converted_contact_id, is_converted, converted_on, deal_ids, created_at, lead_source,
            latest_source, lifecycle_stage, lead_status, company_id, is_deleted, industry, self_reported_source,
            full_name, company, first_form, first_form_at)
         values (?1, ?2, ?3, ?1, ?4, ?5, ?6, ?7, ?8, ?8 <> '', ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
            ?20, ?21, ?23, ?22)",
        params![
            id,
            source,
            object,
            if dice.roll(6) == 0 { "" } else { email.as_str() },
            extra,
            merged,
            into,
            converted,
            dice.day(),
            deals,
            format!("{}T10:00:00Z", dice.day()),
            say(conn, dice.pick(&["Organic Search", "Paid Search", "Trade Show", "Offline Sources", "", "Cold Call", "Web"])),
            say(conn, dice.pick(&["", "Direct Traffic"])),
            say(conn, dice.pick(&["", "Lead", "Marketing Qualified Lead", "Customer"])),
            say(conn, dice.pick(&["", "MQL", "SQL", "Unqualified"])),
            dice.pick(&["", "1", "2", "3"]),
            dice.roll(9) == 0,
            say(conn, dice.pick(&["", "Software"])),
            dice.pick(&["", "A friend"]),
            dice.pick(&["Ana Roy", "Ben Roy", "Cem Roy", "Dea Roy", "Eli Roy", ""]),
            dice.pick(&["Known", "Other"]),
            if dice.roll(3) == 0 { format!("{}T09:00:00Z", dice.day()) } else { String::new() },
            say(conn, "Demo request"),
        ],
    )
    .unwrap();
}

fn change_deal(conn: &Connection, dice: &mut Dice, currencies: &[&str]) {
    let id = 1 + dice.roll(12) as i64;
    touch(conn, "crm_deals", id);
    if dice.roll(12) == 0 {
        conn.execute("delete from crm_deals where id = ?1", [id]).unwrap();
        return;
    }
    let outcome = dice.roll(3);
    conn.execute(
        "insert or replace into crm_deals (id, source, record_id, name, pipeline, stage, is_closed, is_won, deal_type,
            amount_micros, currency, created_at, closed_at, company_id, contact_ids, contact_email, lead_source,
            merged_ids, foreign_ids, is_deleted, probability_millionths, contact_name, company)
         values (?1, ?2, ?1, 'd', ?3, 0, ?4, ?5, ?6, ?7, ?18, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 500000,
            ?17, 'Known')",
        params![
            id,
            if id <= 8 { 1 } else { 2 },
            say(conn, dice.pick(&["Sales Pipeline", "Sales Pipeline", "Renewals"])),
            outcome > 0,
            outcome == 1,
            say(conn, dice.pick(&["", "New Business"])),
            dice.roll(5) as i64 * 1_000_000_000,
            dice.day(),
            dice.day(),
            dice.pick(&["", "1", "2", "3"]),
            if dice.roll(2) == 0 { format!("{}", 1 + dice.roll(25)) } else { String::new() },
            if dice.roll(4) == 0 { format!("p{}@known.example", dice.roll(12)) } else { String::new() },
            say(conn, dice.pick(&["", "Webinar"])),
            if dice.roll(9) == 0 { (1 + dice.roll(12)).to_string() } else { String::new() },
            if dice.roll(6) == 0 { (1 + dice.roll(12)).to_string() } else { String::new() },
            dice.roll(10) == 0,
            dice.pick(&["Ana Roy", "Ben Roy", "Cem Roy", ""]),
            dice.pick(currencies),
        ],
    )
    .unwrap();
}

/// A rate of a day comes, changes or, seldom, goes; so does a cost in its currency.
fn change_money(conn: &Connection, dice: &mut Dice) {
    let (id, day) = (1 + dice.roll(8) as i64, dice.day());
    if dice.roll(8) == 0 {
        conn.execute("delete from currency_rates where id = ?1", [id]).unwrap();
        touch(conn, "currency_rates", id);
        return;
    }
    conn.execute(
        "insert into currency_rates (id, source, base, currency, day, rate) values (?1, 3, 'EUR', 'USD', ?2, ?3)
         on conflict do update set rate = excluded.rate",
        params![id, day, format!("1.{}", 1 + dice.roll(9))],
    )
    .unwrap();
    // the row of that day or of that number
    let find = "select id from currency_rates where day = ?1 or id = ?2 order by day = ?1 desc";
    let changed: i64 = conn.query_row(find, params![day, id], |row| row.get(0)).unwrap();
    touch(conn, "currency_rates", changed);
    conn.execute(
        "insert or replace into costs (id, source, day_from, day_to, currency, amount_micros)
         values (?1, 3, ?2, ?2, 'USD', 1000000)",
        params![id, dice.day()],
    )
    .unwrap();
    touch(conn, "costs", id);
}

fn change_satellite(conn: &Connection, dice: &mut Dice) {
    let person = 1 + dice.roll(25) as i64;
    let (object, source) = match person {
        1..=14 => ("contact", 1),
        15..=20 => ("lead", 2),
        _ => ("contact", 2),
    };
    let (day, other_day, n) = (dice.day(), dice.day(), dice.roll(12));
    let known = 1 + dice.roll(6) as i64;
    let (target, columns, values, id) = match dice.roll(8) {
        0 => {
            let stage = dice.pick(&["Lead", "Customer"]);
            conn.execute(
                "insert or ignore into said_stages (field, value) values ('lifecycle_stage', ?1)",
                [stage],
            )
            .unwrap();
            let find = "select id from said_stages where value = ?1 and field = 'lifecycle_stage'";
            let said: i64 = conn.query_row(find, [stage], |row| row.get(0)).unwrap();
            let mut trail = Trail::default();
            let find = "select stage_trail from crm_people where id = ?1 and stage_trail is not null";
            if let Some(packed) =
                conn.query_row(find, [person], |row| row.get::<_, Vec<u8>>(0)).optional().unwrap()
            {
                trail.read(&packed);
            }
            trail.enter(said, Moment::parse(&day).unwrap());
            let mut packed = Vec::new();
            trail.pack(&mut packed);
            conn.execute("update crm_people set stage_trail = ?2 where id = ?1", (person, packed)).unwrap();
            // the date came with its record
            return touch(conn, "crm_people", person);
        }
        1 => {
            let value = dice.pick(&["MQL", "SQL"]);
            let values = format!("{source}, '{object}', '{person}', 'lead_status', '{day}', '{value}'");
            ("crm_changes", "source, object, record_id, field, changed_at, new_value", values, None)
        }
        2 => (
            "crm_deal_people",
            "source, deal_id, person_id",
            format!("{source}, '{}', '{person}'", n + 1),
            None,
        ),
        3 => {
            let (domain, industry) =
                (dice.pick(&["known.example", "", "other.example"]), dice.pick(&["Software", "Retail"]));
            let values = format!("{}, '{}', 'Known', '{domain}', '{industry}'", 1 + known % 2, 1 + known / 2);
            ("crm_companies", "source, record_id, name, domain, industry", values, Some(known))
        }
        4 => {
            let channel = dice.pick(&["Event", "Partner"]);
            let values = format!("3, 'p{n}@known.example', '{day}', '{channel}'");
            ("touches_given", "source, email, touched_at, channel", values, None)
        }
        5 => {
            let values = format!("3, 'm{known}', 'p{n}@known.example', '{day}', '{other_day}', 'held'");
            (
                "meetings_given",
                "source, meeting_id, email, booked_at, starts_at, outcome",
                values,
                Some(known),
            )
        }
        6 if dice.roll(6) == 0 => {
            let values = format!("3, 'r{known}', 'p{n}@known.example', 'Demo', '{day}T08:00:00Z'");
            ("requests_given", "source, request_id, email, form, requested_at", values, Some(known))
        }
        6 => {
            let kind = dice.pick(&["call", "task", "event"]);
            let moment = if n > 3 { format!("{other_day}T12:00:00Z") } else { String::new() };
            let values = format!(
                "{source}, 'm{known}', '{kind}', '{person}', '{day}T11:00:00Z', '{day}T12:00:00Z', '{moment}'"
            );
            (
                "crm_activities",
                "source, record_id, kind, person_ids, created_at, occurred_at, completed_at",
                values,
                Some(known),
            )
        }
        _ => (
            "crm_merges",
            "source, merged_id, surviving_id",
            format!("{source}, '{person}', '{}'", n + 1),
            None,
        ),
    };
    // a row replaced through its natural key takes the old one with it, as an undone file does
    let before: Vec<i64> = ids(conn, target);
    let id = id.unwrap_or_else(|| before.iter().max().unwrap_or(&0) + 1);
    conn.execute(&format!("insert or replace into {target} (id, {columns}) values ({id}, {values})"), [])
        .unwrap();
    let after: Vec<i64> = ids(conn, target);
    before.iter().filter(|i| !after.contains(i)).for_each(|gone| touch(conn, target, *gone));
    touch(conn, target, id);
}

fn ids(conn: &Connection, table: &str) -> Vec<i64> {
    let mut statement = conn.prepare(&format!("select id from {table}")).unwrap();
    statement.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
}

fn compare_step_by_step(settings: &Settings, seed: u64, steps: usize) {
    let conn = workspace(settings);
    let mut dice = Dice(seed);
    let reporting = settings.currency();
    let currencies = reporting.as_ref().map_or(vec!["EUR"], |_| vec!["EUR", "USD"]);
    for step in 0..steps {
        if reporting.is_some() && dice.roll(2) == 0 {
            change_money(&conn, &mut dice);
        }
        for _ in 0..=dice.roll(4) {
            match dice.roll(3) {
                0 => change_person(&conn, &mut dice),
                1 => change_deal(&conn, &mut dice, &currencies),
                _ => change_satellite(&conn, &mut dice),
            }
        }
        if dice.roll(5) == 0 {
            conn.execute("update import_files set as_of = ?1", [dice.day()]).unwrap();
        }
        if step % 4 == 3 {
            // a whole export of the CRM touches everybody
            for table in ["crm_people", "crm_deals"] {
                ids(&conn, table).into_iter().for_each(|id| touch(&conn, table, id));
            }
        }
        refresh(&conn, settings).unwrap();
        let refreshed = dump(&conn);
        rebuild(&conn, settings).unwrap();
        let mut differences = String::new();
        for (view, rows) in dump(&conn) {
            let was = &refreshed[&view];
            let more: Vec<_> = was.iter().filter(|r| !rows.contains(r)).take(3).collect();
            let less: Vec<_> = rows.iter().filter(|r| !was.contains(r)).take(3).collect();
            if *was != rows {
                differences += &format!("{view}\n  refreshed {more:#?}\n  rebuilt {less:#?}\n");
            }
        }
        assert!(differences.is_empty(), "seed {seed}, step {step}: {differences}");
    }
}

#[test]
fn a_refresh_is_a_rebuild() {
    for seed in [3, 5] {
        compare_step_by_step(&Settings::default(), seed, 15);
    }
}

#[test]
fn a_refresh_is_a_rebuild_with_segments_and_qualifying_stages() {
    let text = "week_start = \"sunday\"\nfiscal_year_start = 4\n[stages]\nopportunity = [\"hubspot:deal_stage:s\"]\n\
        [[segment]]\nname = \"icp\"\nindustry = \"Software\"\n[exclude]\nemails = [\"p3@known.example\"]\n";
    let settings = Settings::parse(text).unwrap();
    compare_step_by_step(&settings, 13, 15);
}

#[test]
fn a_refresh_is_a_rebuild_with_exchange_rates() {
    let settings = Settings::parse("currency = \"EUR\"\n").unwrap();
    for seed in [17, 19] {
        compare_step_by_step(&settings, seed, 20);
    }
}

#[test]
fn a_deal_goes_by_a_name_that_one_person_has() {
    let settings = Settings::default();
    let conn = workspace(&settings);
    let person = |id: i64, name: &str, company: &str| {
        conn.execute(
            "insert into crm_people (id, source, object, record_id, full_name, company, created_at)
             values (?1, 1, 'contact', ?1, ?2, ?3, '2026-01-05')",
            params![id, name, company],
        )
        .unwrap();
        touch(&conn, "crm_people", id);
    };
    let people_of_deal = || {
        refresh(&conn, &settings).unwrap();
        let mut select = conn.prepare("select person from deal_people where deal = 1").unwrap();
        select.query_map([], |r| r.get::<_, i64>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    person(1, "Ana Müller", "Known");
    conn.execute(
        "insert into crm_deals (id, source, record_id, name, contact_name, company, created_at)
         values (1, 1, '1', 'd', 'ana  MÜLLER', 'Other', '2026-02-01')",
        [],
    )
    .unwrap();
    touch(&conn, "crm_deals", 1);
    assert_eq!(people_of_deal(), [1]);
    person(2, "Ana Müller", "Third");
    assert!(people_of_deal().is_empty(), "two people have the name");
    person(3, "Ana Müller", "other");
    assert_eq!(people_of_deal(), [3], "one of them is at the deal's company");
}

#[test]
fn a_request_is_answered_by_the_first_thing_done() {
    let settings = Settings::default();
    let conn = workspace(&settings);
    conn.execute_batch(
        "insert into texts (id, text) values (1, 'Web'), (2, 'Qualified'), (3, 'Trade Show'), (4, 'New'), (5, 'Chat'),
            (6, 'Open - Not Contacted');
         insert into crm_people (id, source, object, record_id, email, lead_source, lead_status, created_at) values
            (1, 2, 'lead', 'L1', 'a@known.example', 1, 2, '2026-02-02T09:00:00Z'),
            (2, 2, 'lead', 'L2', 'b@known.example', 3, 4, '2026-02-02T09:00:00Z'),
            (3, 2, 'lead', 'L3', 'c@known.example', 5, 6, '2026-02-02T09:00:00Z');
         insert into crm_activities (id, source, record_id, kind, person_ids, created_at, completed_at) values
            (1, 2, 'T0', 'task', 'L1', '2026-02-02T09:00:01Z', ''),
            (2, 2, 'T1', 'task', 'L1', '2026-02-02T09:00:01Z', '2026-02-02T10:30:00Z'),
            (3, 2, 'T2', 'call', 'L1', '2026-02-02T09:20:00Z', null);",
    )
    .unwrap();
    (1..=3).for_each(|id| touch(&conn, "crm_people", id));
    (1..=3).for_each(|id| touch(&conn, "crm_activities", id));
    refresh(&conn, &settings).unwrap();
    let mut select = conn
        .prepare("select request_id, response_minutes, outcome from inbound_requests order by request_id")
        .unwrap();
    let rows: Vec<String> = select
        .query_map([], |row| Ok((0..3).map(|i| show(row.get_ref(i).unwrap())).collect::<Vec<_>>().join(" ")))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows, ["L1 Real(20.0) Qualified", "L3 Null Open - Not Contacted"]);
}

#[test]
fn channel_rows_add_up_and_cohort_rates_fall() {
    let settings = Settings::default();
    let conn = workspace(&settings);
    let mut dice = Dice(42);
    for _ in 0..80 {
        change_person(&conn, &mut dice);
        change_deal(&conn, &mut dice, &["EUR"]);
        change_satellite(&conn, &mut dice);
    }
    refresh(&conn, &settings).unwrap();
    let unequal: i64 = conn
        .query_row(
            "with flows as (
                select v.* from kpi_cells as v join kpi_definitions as d on d.kpi = v.kpi
                where d.kind in ('flow', 'stock') and v.value is not null
             )
             select count(*) from (
                select grain, kpi, period from flows group by grain, kpi, period
                having abs(sum(case when channel <> 'All' then value else 0 end)
                         - sum(case when channel_group = 'All' then value else 0 end)) > 0.000001
             )",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(unequal, 0, "channels must add up to the total");
    let rising: i64 = conn
        .query_row(
            "select count(*) from funnel_cohorts
             where leads > contacts or mqls > leads or sqls > mqls or opportunities > sqls or won > opportunities",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(rising, 0, "a later stage cannot hold more people of a cohort");
    let cohorts: i64 = conn.query_row("select count(*) from funnel_cohorts", [], |row| row.get(0)).unwrap();
    assert!(cohorts > 0);
}

/// To look up a record by its source reads all of that source, each time. Some models do so once, for all that follows.
#[test]
fn records_are_not_looked_up_by_their_source_alone() {
    let conn = workspace(&Settings::default());
    let is_statement = |text: &String| ["insert", "select", "with"].contains(&first_word(text));
    let mut texts: Vec<(&str, String)> = Vec::new();
    for folder in ["models", "measures", "samples", "touched"] {
        for text in catalog::sql(folder) {
            texts.extend(statements(text.body).into_iter().filter(is_statement).map(|s| (text.name, s)));
        }
    }
    texts.extend(super::touched::links::texts().map(|text| ("links", text.to_owned())));
    let by_source = ["66_search_days", "mrr_customer", "web_property"];
    let is_once =
        |name: &str, text: &str| by_source.contains(&name) || text.contains("distinct source from named");
    let mut found = Vec::new();
    for (name, text) in texts.iter().filter(|(name, text)| !is_once(name, text)) {
        let mut plan = conn.prepare(&format!("explain query plan {text}")).unwrap();
        let steps = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
        let steps = steps.map(Result::unwrap).filter(|step| {
            step.ends_with("(source=?)") && !step.contains(" EXISTS ") && step.contains("sqlite_autoindex")
        });
        found.extend(steps.map(|step| format!("{name}: {step}")));
    }
    assert_eq!(found, Vec::<String>::new());
}
