//! What many people and deals have in common, by short numbers: channels, the campaigns they come from, words.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::days::Days;
use super::answers::Answers;
use super::cells::Said;
use crate::error::Result;
use crate::hash::ByNumber;
use crate::settings::Settings;
use crate::settings::channels::{Keys, UNKNOWN};

/// A row of `channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Channel {
    pub id: i64,
    pub is_known: bool,
}

/// Whose texts a channel is asked by.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    Person,
    LatestSource,
    Form,
    Deal,
}

impl By {
    /// The rules' keys, in the order of the texts.
    fn keys(self) -> &'static [&'static str] {
        match self {
            By::Person => &[
                "system",
                "source",
                "detail",
                "detail",
                "utm_source",
                "utm_medium",
                "utm_campaign",
                "campaign",
                "form",
                "landing_page",
            ],
            By::LatestSource => &["system", "source"],
            By::Form => &["form"],
            By::Deal => &["system", "source", "detail", "detail", "campaign"],
        }
    }
}

/// What follows from a channel alone.
#[derive(Debug, Clone, Copy)]
struct Habits {
    is_paid: bool,
    campaign_detail: Option<usize>,
}

pub(super) struct Names<'c> {
    conn: &'c Connection,
    settings: &'c Settings,
    channels: HashMap<(String, String), i64>,
    by_id: HashMap<i64, (String, String), ByNumber>,
    /// By campaign and platform.
    origins: HashMap<String, i64>,
    words: Answers<i64>,
    /// Channels.
    answers: Answers<Channel>,
    /// The ad platforms of sites and networks.
    platforms: Answers<&'c str>,
    habits: HashMap<i64, Habits, ByNumber>,
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
            words: Answers::default(),
            answers: Answers::default(),
            platforms: Answers::default(),
            habits: HashMap::default(),
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

    /// The channel that the rules give to the texts of a record; those that are '' say nothing.
    pub fn channel_of(&mut self, by: By, said: &[Said]) -> Result<Channel> {
        if let Some(known) = self.answers.to(by as u8, [0; 2], said) {
            return Ok(known);
        }
        let mut given = Keys::default();
        by.keys().iter().zip(said).for_each(|(key, said)| given.add(key, said.text));
        let name = self.settings.channels.channel_of(&given).unwrap_or(UNKNOWN);
        let channel = self.channel(self.settings.channels.group_of(name), name)?;
        Ok(self.answers.remember(channel))
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
        self.habits(channel).is_paid
    }

    /// Which of a source's details names the campaign, where the channel is bought: 1 or 2.
    pub fn campaign_detail(&mut self, channel: Channel) -> Option<usize> {
        self.habits(channel).campaign_detail
    }

    fn habits(&mut self, channel: Channel) -> Habits {
        if let Some(habits) = self.habits.get(&channel.id) {
            return *habits;
        }
        let (name, channels) = (self.name_of(channel.id).1, &self.settings.channels);
        let habits = Habits {
            is_paid: channels.all().any(|(known, c)| c.paid && known == name),
            campaign_detail: channels.campaign_detail(name),
        };
        self.habits.insert(channel.id, habits);
        habits
    }

    /// The ad platform that a utm_source or a network's name stands for; '' where it is none.
    pub fn platform_of_site(&mut self, site: Said) -> &'c str {
        self.platforms.to(0, [0; 2], &[site]).unwrap_or_else(|| {
            self.platforms.remember(self.settings.channels.platform_of_site(site.text).unwrap_or(""))
        })
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
    pub fn word(&mut self, word: Said) -> Result<Option<i64>> {
        if word.text.is_empty() {
            return Ok(None);
        }
        if let Some(id) = self.words.to(0, [0; 2], &[word]) {
            return Ok(Some(id));
        }
        let mut find = self.conn.prepare_cached("select id from words where word = ?1")?;
        let id = match find.query_row([word.text], |row| row.get(0)).optional()? {
            Some(id) => id,
            None => {
                self.conn.prepare_cached("insert into words (word) values (?1)")?.execute([word.text])?;
                self.conn.last_insert_rowid()
            }
        };
        Ok(Some(self.words.remember(id)))
    }

    /// Campaign and platform of a number; '' where there is none.
    pub fn campaign_of(&self, origin: i64) -> Result<(String, String)> {
        let mut statement =
            self.conn.prepare_cached("select campaign, platform from origins where id = ?1")?;
        Ok(statement.query_row([origin], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}
