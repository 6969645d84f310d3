//! What the last few texts of a column were found to say, of which one is often that of the next row: a day, a kind, a
//! currency.

/// Texts with what they say.
#[derive(Debug, Clone)]
pub struct Few<T> {
    said: Vec<(String, T)>,
    latest: usize,
    /// Falls with every text that is none of them, and rises again with every one that is.
    worth: u32,
}

/// So many are remembered.
const MOST: usize = 4;
const MOST_WORTH: u32 = 64;

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few { said: Vec::new(), latest: 0, worth: MOST_WORTH }
    }
}

impl<T> Few<T> {
    /// False for a column whose texts hardly repeat: to remember them would cost more than to read them.
    pub fn pay(&self) -> bool {
        self.worth > 0
    }

    /// What a text says, found out where it is none of the last; asked only as long as that pays.
    pub fn get_or_find<E>(&mut self, text: &str, find: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let is_it = |(said, _): &(String, T)| said == text;
        let found = match self.said.get(self.latest) {
            Some(latest) if is_it(latest) => Some(self.latest),
            _ => self.said.iter().position(is_it),
        };
        if let Some(at) = found {
            self.latest = at;
            self.worth = MOST_WORTH.min(self.worth + 1);
        } else {
            self.worth = self.worth.saturating_sub(1);
            self.remember(text, find()?);
        }
        Ok(&self.said[self.latest].1)
    }

    fn remember(&mut self, text: &str, value: T) {
        if self.said.len() < MOST {
            self.latest = self.said.len();
            self.said.push((text.to_owned(), value));
        } else {
            self.latest = (self.latest + 1) % MOST;
            let (said, kept) = &mut self.said[self.latest];
            text.clone_into(said);
            *kept = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_found_once() {
        let mut few = Few::default();
        let mut found = 0;
        for text in ["a", "b", "a", "c", "b", "b"] {
            let said = few.get_or_find(text, || {
                found += 1;
                Ok::<_, ()>(text.to_uppercase())
            });
            assert_eq!(said.unwrap(), &text.to_uppercase());
        }
        assert_eq!((found, few.pay()), (3, true));
    }

    #[test]
    fn what_does_not_repeat_does_not_pay() {
        let mut few = Few::default();
        for n in 0..100 {
            assert_eq!(few.get_or_find(&n.to_string(), || Ok::<_, ()>(n)), Ok(&n));
        }
        assert!(!few.pay());
    }
}
