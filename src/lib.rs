//! Funnelite: marketing and CRM exports in, one SQLite file with funnel, cost and revenue numbers out.

pub mod catalog;
pub mod db;
pub mod error;
pub mod models;
pub mod output;
pub mod settings;
