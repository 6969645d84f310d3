//! Funnelite: marketing and CRM exports in, one SQLite file with funnel, cost and revenue numbers out.

pub mod catalog;
pub mod cli;
pub mod commands;
pub mod db;
pub mod error;
pub mod format;
pub mod import;
pub mod models;
pub mod output;
pub mod settings;
pub mod shell;
pub mod workspace;
