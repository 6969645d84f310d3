//! Looks up the companies that people and deals name.

use rusqlite::{CachedStatement, Connection, Row};

use crate::error::Result;

#[derive(Debug, Clone, Default)]
pub(super) struct Company {
    pub record: i64,
    /// The key of the customer it is; records of one domain share it.
    pub customer: i64,
    pub domain: Option<String>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub employees: Option<i64>,
    pub company_type: Option<String>,
}

pub(super) struct Companies<'c> {
    by_reference: CachedStatement<'c>,
    by_name: CachedStatement<'c>,
    pub is_empty: bool,
}

impl<'c> Companies<'c> {
    pub fn open(conn: &'c Connection) -> Result<Self> {
        Ok(Companies {
            by_reference: conn.prepare_cached(
                "select record, customer, domain, industry, country, employees, company_type from company_facts
                 where reference = ?1",
            )?,
            by_name: conn.prepare_cached(
                "select customer from company_facts where source = ?1 and name_key = ?2 limit 2",
            )?,
            is_empty: !super::has_rows(conn, "company_facts")?,
        })
    }

    /// The company record with this reference.
    pub fn find(&mut self, reference: i64) -> Result<Option<Company>> {
        if self.is_empty {
            return Ok(None);
        }
        let mut rows = self.by_reference.query([reference])?;
        Ok(rows.next()?.map(read).transpose()?)
    }

    /// The customer behind a name that just one company of a source has.
    pub fn customer_named(&mut self, source: i64, name: &str) -> Result<Option<i64>> {
        if self.is_empty {
            return Ok(None);
        }
        let mut rows = self.by_name.query((source, name))?;
        let first = rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(if rows.next()?.is_none() { first } else { None })
    }
}

fn read(row: &Row) -> rusqlite::Result<Company> {
    Ok(Company {
        record: row.get(0)?,
        customer: row.get(1)?,
        domain: row.get(2)?,
        industry: row.get(3)?,
        country: row.get(4)?,
        employees: row.get(5)?,
        company_type: row.get(6)?,
    })
}
