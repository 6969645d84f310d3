use rusqlite::functions::FunctionFlags;
use xxhash_rust::xxh3::xxh3_64;

use super::*;
use crate::models::currency;

/// An account of Google Ads (source 1), settled after each step.
struct Account {
    conn: Connection,
}

/// What a row is about: level, campaign id, campaign, ad group id, ad group.
type Place<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

impl Account {
    fn new() -> Self {
        let mut conn = Connection::open_in_memory().unwrap();
        crate::db::migrate(&mut conn).unwrap();
        conn.execute_batch(include_str!("../tables.sql")).unwrap();
        for model in crate::catalog::sql("models").iter().filter(|m| m.name.starts_with("01_")) {
            conn.execute_batch(model.body).unwrap();
        }
        let flags = FunctionFlags::SQLITE_UTF8;
        conn.create_scalar_function("channel_of", 1, flags, |ctx| {
            let keys: String = ctx.get(0)?;
            Ok(if keys.contains("Display") { "Inbound|Display" } else { "Inbound|Paid search" })
        })
        .unwrap();
        conn.execute_batch(
            "insert into sources values (1, 'google_ads', 'acme');
             create temp table touched_rows (target text, record integer, primary key (target, record));
             create temp table touched_ad_day (id integer primary key);",
        )
        .unwrap();
        Account { conn }
    }

    fn path(&self, (level, id, name, group_id, group): Place) -> i64 {
        let hash = xxh3_64(format!("{level}/{id}/{name}/{group_id}/{group}").as_bytes());
        let hash = i64::from_le_bytes(hash.to_le_bytes());
        self.conn
            .query_row(
                "insert into ad_paths (path_hash, source, level, is_partial, campaign_id, campaign, ad_group_id, ad_group)
                 values (?1, 1, ?2, 0, ?3, ?4, ?5, ?6) on conflict do update set level = level returning id",
                params![hash, level, id, name, group_id, group],
                |r| r.get(0),
            )
            .unwrap()
    }

    /// Imports a file (its number is its as-of) of rows (place, first day, last day, spend).
    fn import(&self, file: i64, rows: &[(Place, i32, i32, i64)]) {
        self.conn
            .execute(
                "insert or ignore into import_files (id, hash, name, path, bytes, as_of, as_of_evidence, sort_key,
                     imported_at) values (?1, ?1, '', '', 0, '', '', printf('%09d', ?1), '')",
                [file],
            )
            .unwrap();
        self.conn
            .execute("insert or ignore into ad_reports (id, file, currency) values (?1, ?1, 'EUR')", [file])
            .unwrap();
        for (place, first, last, spend) in rows {
            let path = self.path(*place);
            self.conn
                .execute(
                    "insert into ad_rows (path, period_start, days, report, spend_micros)
                     values (?1, ?2, ?3, ?4, ?5) on conflict do update set
                         report = excluded.report, spend_micros = excluded.spend_micros",
                    params![path, first, last - first + 1, file, spend],
                )
                .unwrap();
            self.conn
                .execute("insert or ignore into temp.touched_rows values ('ad_paths', ?1)", [path])
                .unwrap();
        }
    }

    fn refresh(&self) {
        currency::register(&self.conn, None).unwrap();
        touch(&self.conn).unwrap();
        resolve(&self.conn, || Ok(())).unwrap();
        self.conn.execute("delete from temp.touched_rows", []).unwrap();
    }

    fn rebuild(&self) {
        currency::register(&self.conn, None).unwrap();
        touch_all(&self.conn).unwrap();
        resolve(&self.conn, || Ok(())).unwrap();
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        let mut statement = self.conn.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |r| {
            let cells = (0..columns).map(|i| match r.get_ref(i)? {
                rusqlite::types::ValueRef::Integer(n) => Ok(n.to_string()),
                rusqlite::types::ValueRef::Text(t) => Ok(String::from_utf8_lossy(t).into_owned()),
                _ => Ok(String::from("-")),
            });
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
        });
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    fn days(&self) -> Vec<String> {
        self.lines(
            "select c.campaign_id, c.campaign, l.ad_group, d.day, d.spend_reporting_micros
             from (
                 select place, day, spend_reporting_micros from ad_days
                 union all
                 select m.place, r.period_start, r.spend_micros
                 from ad_campaign_paths as m join ad_rows as r on r.path = m.path where m.place is not null
             ) as d
             join ad_places as l on l.id = d.place join ad_campaigns as c on c.id = l.campaign
             order by c.campaign_key, l.ad_group, d.day",
        )
    }

    fn sums(&self) -> Vec<String> {
        let mut all = self.lines(
            "select h.channel, d.day, d.rows, d.spend_reporting_micros from ad_channel_days as d
                join channels as h on h.id = d.channel order by 1, 2",
        );
        all.extend(self.lines(
            "select c.campaign_key, m.month, m.first_day, m.last_day, m.spend_reporting_micros
             from ad_campaign_months as m join ad_campaigns as c on c.id = m.campaign order by 1, 2",
        ));
        all
    }
}

fn campaign<'a>(id: &'a str, name: &'a str) -> Place<'a> {
    ("campaign", id, name, "", "")
}

#[test]
fn a_name_is_the_one_id_it_was_seen_with_and_shows_its_latest_name() {
    let account = Account::new();
    account.import(1, &[(campaign("", "Brand"), 1, 1, 10)]);
    account.refresh();
    assert_eq!(account.days(), [" Brand  1 10"]);
    account.import(2, &[(campaign("7", "Brand"), 1, 1, 11), (campaign("7", "Brand"), 2, 2, 20)]);
    account.import(3, &[(campaign("7", "Brand 2"), 3, 3, 30)]);
    account.refresh();
    assert_eq!(account.days(), ["7 Brand 2  1 11", "7 Brand 2  2 20", "7 Brand 2  3 30"]);
}

#[test]
fn a_name_of_two_ids_stays_a_name_and_never_counts_twice() {
    let account = Account::new();
    account.import(1, &[(campaign("", "Brand"), 1, 1, 30)]);
    account.import(2, &[(campaign("7", "Brand"), 1, 1, 10), (campaign("8", "Brand"), 1, 1, 20)]);
    account.import(2, &[(campaign("", "Other"), 1, 1, 5)]);
    account.refresh();
    assert_eq!(account.days(), ["7 Brand  1 10", "8 Brand  1 20", " Other  1 5"]);
}

#[test]
fn ad_groups_keep_their_latest_name() {
    let account = Account::new();
    account.import(1, &[(("ad_group", "7", "Brand", "1", "Old"), 1, 1, 10)]);
    account.import(2, &[(("ad_group", "7", "Brand", "1", "New"), 2, 2, 5)]);
    account.refresh();
    assert_eq!(account.days(), ["7 Brand New 1 10", "7 Brand New 2 5"]);
}

#[test]
fn rows_without_a_campaign_fill_the_days_without_campaigns() {
    let account = Account::new();
    account.import(1, &[(("account", "", "", "", ""), 1, 1, 100), (("account", "", "", "", ""), 2, 2, 50)]);
    account.refresh();
    account.import(2, &[(campaign("7", "Brand"), 1, 1, 60)]);
    account.refresh();
    assert_eq!(account.days(), ["7 Brand  1 60", "   2 50"]);
}

#[test]
fn a_campaign_that_changes_its_channel_moves_with_all_its_days() {
    let account = Account::new();
    account.import(1, &[(campaign("7", "Brand"), 1, 1, 10)]);
    account.refresh();
    account.import(2, &[(campaign("7", "Brand Display"), 40, 40, 20)]);
    account
        .conn
        .execute_batch(
            "create temp table touched_ad_days (path integer, first_day integer, last_day integer, longest integer,
                 report integer)",
        )
        .unwrap();
    account
        .conn
        .execute("insert into temp.touched_ad_days select record, 40, 40, 1, 2 from temp.touched_rows", [])
        .unwrap();
    account.refresh();
    let channels = account.lines(
        "select h.channel, d.day, d.spend_reporting_micros from ad_channel_days as d
            join channels as h on h.id = d.channel order by 2",
    );
    assert_eq!(channels, ["Display 1 10", "Display 40 20"]);
}

#[test]
fn one_step_after_another_gives_what_a_rebuild_gives() {
    let account = Account::new();
    let steps: [&[(Place, i32, i32, i64)]; 6] = [
        &[(campaign("", "Brand"), 0, 30, 3_100), (campaign("9", "Shop"), 3, 3, 7)],
        &[(campaign("7", "Brand"), 2, 8, 700), (campaign("7", "Brand"), 40, 40, 9)],
        &[(("ad_group", "7", "Brand", "1", "A"), 5, 5, 40), (("ad_group", "7", "Brand", "2", "B"), 5, 5, 50)],
        &[(("account", "", "", "", ""), 0, 60, 9_000)],
        &[(campaign("8", "Brand"), 35, 35, 12)],
        &[(campaign("9", "Shop Display"), 59, 61, 100)],
    ];
    for (file, rows) in steps.iter().enumerate() {
        account.import(file as i64 + 1, rows);
        account.refresh();
        let (days, sums) = (account.days(), account.sums());
        account.rebuild();
        assert_eq!((days, sums), (account.days(), account.sums()), "after step {file}");
    }
    let path = account.path(campaign("8", "Brand"));
    account.conn.execute("delete from ad_rows where path = ?1", [path]).unwrap();
    account.conn.execute("delete from ad_paths where id = ?1", [path]).unwrap();
    account.conn.execute("insert into temp.touched_rows values ('ad_paths', ?1)", [path]).unwrap();
    account.refresh();
    let (days, sums) = (account.days(), account.sums());
    account.rebuild();
    assert_eq!((days, sums), (account.days(), account.sums()), "after taking a path away");
}
