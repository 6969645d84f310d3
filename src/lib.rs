//! Funnelite: marketing and CRM exports in, one SQLite file with funnel, cost and revenue numbers out.

pub mod catalog;
pub mod cli;
pub mod commands;
pub mod db;
pub mod demo;
pub mod error;
pub mod format;
mod hash;
pub mod import;
pub mod labels;
pub mod models;
mod moment;
pub mod output;
pub mod period;
pub mod settings;
pub mod shell;
pub mod store;
mod trail;
mod varint;
pub mod workspace;
