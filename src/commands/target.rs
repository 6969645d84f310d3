//! Goals for KPIs.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use super::given;
use crate::cli::{Context, Outcome};
use crate::db::query;
use crate::error::{Error, Result, nearest};
use crate::format::locale::Locale;
use crate::format::value::{self, Kind, Reading, Value};

const EXAMPLE: &str = "\
Example:
  funnelite target add mqls 2026-Q4 120 --channel 'Paid search'";

/// Goals for KPIs (OKRs), shown beside what was reached
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Add or replace a goal
    Add {
        /// KPI the goal is for
        #[arg(value_name = "KPI")]
        kpi: String,
        /// Period: 2026-10, 2026-Q4, 2026-W41, 2026
        #[arg(value_name = "PERIOD")]
        period: String,
        /// Value to reach; a rate as 0.25 or 25%
        #[arg(value_name = "VALUE")]
        value: String,
        /// Channel or channel group
        #[arg(long, value_name = "CHANNEL", default_value = "All")]
        channel: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// List goals
    List,
    /// Import a filled-in sheet (`funnelite template targets`)
    Import {
        /// The sheet, csv or xlsx
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Remove a goal
    Remove {
        /// Its number in `target list`
        #[arg(value_name = "ID")]
        id: i64,
    },
}

pub fn run(args: Args, ctx: &Context) -> Result<Outcome> {
    match args.action {
        Action::List => {
            let conn = ctx.open_read_only()?;
            ctx.print(&query::run(&conn, LIST, &[])?)?;
            Ok(Outcome::Done)
        }
        Action::Import { file } => given::import_sheet(file, "targets", ctx),
        Action::Add { kpi, period, value, channel, note } => {
            let store = ctx.open_store()?;
            expect_kpi(&store.conn, &kpi)?;
            if store.settings.calendar.parse_period(&period).is_none() {
                return Err(Error::usage(format!("`{period}` is no period"))
                    .hint("write it like 2026-10, 2026-Q4, 2026-W41 or 2026"));
            }
            let millionths = read_value(&value)?;
            given::change(store, ctx, "targets_given", |conn, source| {
                conn.execute(
                    "insert into targets_given (source, kpi, period, channel, value_millionths, note)
                     values (?1, ?2, ?3, ?4, ?5, ?6)
                     on conflict (source, kpi, period, channel)
                        do update set value_millionths = excluded.value_millionths, note = excluded.note",
                    params![source, kpi, period, channel, millionths, note],
                )
            })?;
            ctx.say(format!("`{kpi}` is to reach {value} in {period}"));
            Ok(Outcome::Done)
        }
        Action::Remove { id } => given::remove("targets_given", id, "target", ctx),
    }
}

const LIST: &str = "\
select t.id, t.kpi, t.period, t.channel, t.value_millionths / 1000000.0 as target, t.note,
    case s.system when 'command' then 'typed' else 'sheet' end as origin
from targets_given as t
join sources as s on s.id = t.source
order by t.period, t.kpi, t.channel, t.id";

fn expect_kpi(conn: &Connection, kpi: &str) -> Result<()> {
    let mut statement = conn.prepare("select kpi from kpis order by kpi")?;
    let known: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if known.iter().any(|k| k == kpi) {
        return Ok(());
    }
    let hint = match nearest(kpi, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`funnelite kpi` lists them".to_owned(),
    };
    Err(Error::usage(format!("no KPI is called `{kpi}`")).hint(hint))
}

/// A number × 1,000,000; `25%` is 0.25.
fn read_value(text: &str) -> Result<i64> {
    match value::read(text, Kind::Millionths, &Reading::default(), &Locale::default()) {
        Ok(Value::Integer(millionths)) => Ok(millionths),
        _ => Err(Error::usage(format!("`{text}` is no number")).hint("write it like 120, 0.25 or 25%")),
    }
}
