//! The KPI catalogue, and the records behind a cell.

use crate::cli::{Context, Outcome};
use crate::error::{Error, Result};

const EXAMPLE: &str = "\
Example:
  funnelite kpi opportunities --rows --period 2026-10 --channel 'Paid search'";

/// The KPI catalogue: definition, formula and unit; or the records behind one number
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// A KPI, such as `cost_per_mql`
    #[arg(value_name = "KPI")]
    pub kpi: Option<String>,
    /// List the records behind one cell
    #[arg(long, requires = "kpi")]
    pub rows: bool,
    /// Period of the cell: 2026-10, 2026-Q4, 2026-W41, last-month, …
    #[arg(long, value_name = "PERIOD", requires = "kpi")]
    pub period: Option<String>,
    /// Channel or channel group of the cell
    #[arg(long, value_name = "CHANNEL", requires = "kpi")]
    pub channel: Option<String>,
}

pub fn run(_args: Args, _ctx: &Context) -> Result<Outcome> {
    Err(Error::failed("`kpi` is not available yet"))
}
