//! One of several shares of the whole, which together are the whole.

use std::str::FromStr;

use crate::render::sha256;

/// `I/N`: the I-th of N shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Shard {
    /// From 0.
    number: u64,
    of: u64,
}

impl Shard {
    /// Whether something is in this share, by its path. It stays in its share while others come and go.
    pub(super) fn holds(self, path: &str) -> bool {
        // The first eight digits of `printf %s PATH | sha256sum`.
        let digest = sha256(path.as_bytes());
        let number = u64::from_str_radix(&digest[..8], 16).unwrap_or_default();
        number % self.of == self.number
    }

    /// Whether it is the first, which also has what belongs to no path.
    pub(super) fn is_first(self) -> bool {
        self.number == 0
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write `I/N`: `2/8` is the second of eight";
        let (number, of) = text.split_once('/').ok_or(wrong)?;
        let (number, of): (u64, u64) =
            (number.parse().map_err(|_| wrong)?, of.parse().map_err(|_| wrong)?);
        if number == 0 || number > of {
            return Err("in `I/N` the I goes from 1 to N");
        }
        Ok(Self { number: number - 1, of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_in_exactly_one_share() {
        let shards: Vec<Shard> = (1..=7).map(|one| format!("{one}/7").parse().unwrap()).collect();
        let mut sizes = [0; 7];
        for app in 0..700 {
            let path = format!("apps/app-{app}/app.toml");
            let holding: Vec<usize> = (0..7).filter(|one| shards[*one].holds(&path)).collect();
            assert_eq!(holding.len(), 1, "{path}");
            sizes[holding[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (60..140).contains(size)), "{sizes:?}");
    }

    #[test]
    fn shares_are_those_that_sha256sum_tells() {
        // printf %s apps/chat/app.toml | sha256sum
        let first = u64::from_str_radix(&sha256(b"apps/chat/app.toml")[..8], 16).unwrap();
        let shard: Shard = format!("{}/5", first % 5 + 1).parse().unwrap();
        assert!(shard.holds("apps/chat/app.toml"));
    }

    #[test]
    fn refuses_what_is_no_share() {
        for wrong in ["", "1", "0/3", "4/3", "1/0", "a/b", "1/2/3", "-1/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
