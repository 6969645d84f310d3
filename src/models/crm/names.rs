//! What many people and deals have in common, by short numbers: channels, the campaigns they come from, words.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::days::Days;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;
use crate::settings::channels::{Keys, UNKNOWN};

/// Answers that are remembered, because most records say the same few words.
const MOST_ANSWERS: usize = 100_000;

/// A row of `channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Channel {
    pub id: i64,
    pub is_known: bool,
}

pub(super) struct Names<'c> {
    conn: &'c Connection,
    settings: &'c Settings,
    channels: HashMap<(String, String), i64>,
    by_id: HashMap<i64, (String, String), ByNumber>,
    /// By campaign and platform.
    origins: HashMap<String, i64>,
    /// Those that were asked for.
    words: HashMap<String, i64>,
    /// What was asked → its channel.
    answers: HashMap<String, Channel>,
    /// A site or a network → its ad platform.
    platforms: HashMap<String, &'c str>,
    paid: HashMap<i64, bool, ByNumber>,
    asked: String,
    /// Days that rows name, which views turn into dates.
    pub days: Days,
}

impl<'c> Names<'c> {
    pub fn load(conn: &'c Connection, settings: &'c Settings) -> Result<Self> {
        let mut names = Names {
            conn,
            settings,
            channels: HashMap::new(),
            by_id: HashMap::default(),
            origins: HashMap::new(),
            words: HashMap::new(),
            answers: HashMap::new(),
            platforms: HashMap::new(),
            paid: HashMap::default(),
            asked: String::new(),
            days: Days::default(),
        };
        let mut statement = conn.prepare_cached("select id, channel_group, channel from channels")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name): (i64, (String, String)) = (row.get(0)?, (row.get(1)?, row.get(2)?));
            names.by_id.insert(id, name.clone());
            names.channels.insert(name, id);
        }
        let mut statement = conn.prepare_cached("select id, campaign, platform from origins")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let [campaign, platform] =
                [row.get_ref(1)?.as_str(), row.get_ref(2)?.as_str()].map(|t| t.unwrap_or(""));
            names.origins.insert(format!("{campaign}\u{1f}{platform}"), row.get(0)?);
        }
        Ok(names)
    }

    /// The channel that the rules give to these keys, each with its value; empty values say nothing.
    pub fn channel_of(&mut self, keys: &[(&'static str, &str)]) -> Result<Channel> {
        self.asked.clear();
        for (key, value) in keys.iter().filter(|(_, value)| !value.is_empty()) {
            self.asked.push_str(key);
            self.asked.push('\u{1e}');
            self.asked.push_str(value);
            self.asked.push('\u{1f}');
        }
        if let Some(known) = self.answers.get(self.asked.as_str()) {
            return Ok(*known);
        }
        let mut given = Keys::default();
        keys.iter().for_each(|(key, value)| given.add(key, value));
        let name = self.settings.channels.channel_of(&given).unwrap_or(UNKNOWN);
        let channel = self.channel(self.settings.channels.group_of(name), name)?;
        if self.answers.len() > MOST_ANSWERS {
            self.answers.clear();
        }
        self.answers.insert(self.asked.clone(), channel);
        Ok(channel)
    }

    pub fn channel(&mut self, group: &str, name: &str) -> Result<Channel> {
        let key = (group.to_owned(), name.to_owned());
        let is_known = name != UNKNOWN;
        if let Some(id) = self.channels.get(&key) {
            return Ok(Channel { id: *id, is_known });
        }
        self.conn
            .prepare_cached("insert into channels (channel_group, channel) values (?1, ?2)")?
            .execute([group, name])?;
        let id = self.conn.last_insert_rowid();
        self.by_id.insert(id, key.clone());
        self.channels.insert(key, id);
        Ok(Channel { id, is_known })
    }

    /// Channel group and channel.
    pub fn name_of(&self, channel: i64) -> (&str, &str) {
        self.by_id.get(&channel).map_or((UNKNOWN, UNKNOWN), |(group, name)| (group, name))
    }

    /// The channel that a number stands for.
    pub fn known(&self, id: i64) -> Channel {
        Channel { id, is_known: self.name_of(id).1 != UNKNOWN }
    }

    /// Whether visits of this channel are bought.
    pub fn is_paid(&mut self, channel: Channel) -> bool {
        if let Some(paid) = self.paid.get(&channel.id) {
            return *paid;
        }
        let name = self.name_of(channel.id).1;
        let paid = self.settings.channels.all().any(|(known, c)| c.paid && known == name);
        self.paid.insert(channel.id, paid);
        paid
    }

    /// The ad platform that a utm_source or a network's name stands for; '' where it is none.
    pub fn platform_of_site(&mut self, site: &str) -> &'c str {
        if let Some(platform) = self.platforms.get(site) {
            return platform;
        }
        let platform = self.settings.channels.platform_of_site(site).unwrap_or("");
        if self.platforms.len() > MOST_ANSWERS {
            self.platforms.clear();
        }
        self.platforms.insert(site.to_owned(), platform);
        platform
    }

    /// Which of a source's details names the campaign, where the channel is bought: 1 or 2.
    pub fn campaign_detail(&self, channel: Channel) -> Option<usize> {
        self.settings.channels.campaign_detail(self.name_of(channel.id).1)
    }

    /// The number of a campaign and an ad platform, where there is either.
    pub fn origin(&mut self, campaign: &str, platform: &str) -> Result<Option<i64>> {
        if campaign.is_empty() && platform.is_empty() {
            return Ok(None);
        }
        self.asked.clear();
        [campaign, "\u{1f}", platform].into_iter().for_each(|part| self.asked.push_str(part));
        if let Some(id) = self.origins.get(self.asked.as_str()) {
            return Ok(Some(*id));
        }
        self.conn
            .prepare_cached(
                "insert into origins (campaign, platform, campaign_key) values (?1, ?2, coalesce(norm_name(?1), ''))",
            )?
            .execute(params![campaign, platform])?;
        let id = self.conn.last_insert_rowid();
        self.origins.insert(self.asked.clone(), id);
        Ok(Some(id))
    }

    /// The number of a word; none of ''.
    pub fn word(&mut self, word: &str) -> Result<Option<i64>> {
        if word.is_empty() {
            return Ok(None);
        }
        if let Some(id) = self.words.get(word) {
            return Ok(Some(*id));
        }
        let mut find = self.conn.prepare_cached("select id from words where word = ?1")?;
        let id = match find.query_row([word], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => {
                self.conn.prepare_cached("insert into words (word) values (?1)")?.execute([word])?;
                self.conn.last_insert_rowid()
            }
        };
        if self.words.len() > MOST_ANSWERS {
            self.words.clear();
        }
        self.words.insert(word.to_owned(), id);
        Ok(Some(id))
    }

    /// Campaign and platform of a number; '' where there is none.
    pub fn campaign_of(&self, origin: i64) -> Result<(String, String)> {
        let mut statement =
            self.conn.prepare_cached("select campaign, platform from origins where id = ?1")?;
        Ok(statement.query_row([origin], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}
