//! Which spellings of a campaign, ad group or ad mean the same thing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The ids that each name was seen with, within one account (or one campaign).
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: HashMap<String, BTreeSet<String>>,
}

impl Names {
    pub fn see(&mut self, id: &str, name: &str) {
        let ids = self.ids.entry(name.to_string()).or_default();
        if !id.is_empty() {
            ids.insert(id.to_string());
        }
    }

    /// The key of a thing: its id, or the one id its name had, else its name.
    pub fn key(&self, id: &str, name: &str) -> String {
        if !id.is_empty() {
            return format!("id:{id}");
        }
        match self.ids.get(name) {
            Some(ids) if ids.len() == 1 && !name.is_empty() => {
                format!("id:{}", ids.first().expect("one id"))
            }
            _ => format!("name:{name}"),
        }
    }

    /// A name without id that could be several ids.
    pub fn is_ambiguous(&self, id: &str, name: &str) -> bool {
        id.is_empty() && !name.is_empty() && self.ids.get(name).is_some_and(|ids| ids.len() > 1)
    }

    /// Keys that have to be settled together: a name without an id of its own, and every id it may stand for.
    pub fn related(&self, name: &str) -> Vec<String> {
        let ids = self.ids.get(name).into_iter().flatten().map(|id| format!("id:{id}"));
        ids.chain([format!("name:{name}")]).collect()
    }
}

/// Sets of keys that are settled together; each is known by its smallest key.
#[derive(Debug, Default)]
pub(super) struct Units {
    parent: BTreeMap<String, String>,
}

impl Units {
    pub fn find(&self, key: &str) -> String {
        let mut root = key;
        while let Some(next) = self.parent.get(root) {
            root = next;
        }
        root.to_string()
    }

    pub fn join(&mut self, keys: &[String]) {
        for key in keys {
            let (a, b) = (self.find(&keys[0]), self.find(key));
            if a != b {
                let (low, high) = if a < b { (a, b) } else { (b, a) };
                self.parent.insert(high, low);
            }
        }
    }
}

/// Small numbers for texts, in order of first use.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: HashMap<String, u32>,
    pub texts: Vec<String>,
}

impl Interner {
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(n) = self.numbers.get(text) {
            return *n;
        }
        let n = self.texts.len() as u32;
        self.numbers.insert(text.to_string(), n);
        self.texts.push(text.to_string());
        n
    }

    /// Starts with `text` as number 0.
    pub fn starting_with(text: &str) -> Self {
        let mut interner = Interner::default();
        interner.number(text);
        interner
    }
}
