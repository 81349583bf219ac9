//! Durations: `"500ms"`, `"90s"`, `"1h30m"`, `"24h"`.
//!
//! Load balancers and nginx count whole seconds, Engine.IO counts milliseconds; a type
//! each keeps a sub-second value from being rounded away where nobody looks.

use std::fmt;
use std::str::FromStr;

use super::newtype::{Invalid, text_value};

/// A unit and its length in milliseconds, longest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

const SHAPE: &str =
    "a duration is a whole number with a unit, such as \"90s\", \"1h30m\" or \"24h\"";

/// A duration in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Milliseconds(u64);

/// A duration in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Seconds(u64);

impl Milliseconds {
    /// That many milliseconds.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The count of milliseconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The shortest whole number of seconds that is not shorter.
    pub const fn round_up(self) -> Seconds {
        Seconds(self.0.div_ceil(1_000))
    }

    /// The sum of two durations.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Seconds {
    /// One day: what Google's front ends hold a connection for at the most.
    pub const DAY: Self = Self(86_400);

    /// That many seconds.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The count of seconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sum of two durations.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The same duration, counted finer.
    pub const fn as_milliseconds(self) -> Milliseconds {
        Milliseconds(self.0.saturating_mul(1_000))
    }
}

impl FromStr for Milliseconds {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut rest = text;
        let mut total: u64 = 0;
        let mut units = UNITS.iter();
        while !rest.is_empty() {
            let (count, after) = leading_number(rest)?;
            let length =
                after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let (unit, next) = after.split_at(length);
            let Some((_, scale)) = units.find(|(name, _)| *name == unit) else {
                return Err(Invalid::new(format!(
                    "{SHAPE}; units are ms, s, m, h and d, longest first"
                )));
            };
            total = count
                .checked_mul(*scale)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(|| Invalid::new("this duration is too long"))?;
            rest = next;
        }
        if text.is_empty() { Err(Invalid::new(SHAPE)) } else { Ok(Self(total)) }
    }
}

fn leading_number(text: &str) -> Result<(u64, &str), Invalid> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let count = digits.parse().map_err(|_| Invalid::new(SHAPE))?;
    Ok((count, rest))
}

impl FromStr for Seconds {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let Milliseconds(count) = text.parse()?;
        if count % 1_000 != 0 {
            return Err(Invalid::new("this duration is counted in whole seconds"));
        }
        Ok(Self(count / 1_000))
    }
}

/// As the field writes them: whole hours as `24h`, else seconds, as Google and nginx do.
impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            hours if hours > 0 && hours % 3_600_000 == 0 => write!(f, "{}h", hours / 3_600_000),
            seconds if seconds % 1_000 == 0 => write!(f, "{}s", seconds / 1_000),
            rest => write!(f, "{rest}ms"),
        }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_milliseconds().fmt(f)
    }
}

text_value!(Milliseconds, expecting: "a duration such as \"25s\"",
    schema: { "title": "duration", "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", "minLength": 2 });
text_value!(Seconds, expecting: "a duration such as \"90s\" or \"24h\"",
    schema: { "title": "duration", "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$", "minLength": 2 });

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_units_longest_first() {
        assert_eq!("1h30m".parse(), Ok(Seconds(5_400)));
        assert_eq!("1d".parse(), Ok(Seconds::DAY));
        assert_eq!("2s500ms".parse(), Ok(Milliseconds(2_500)));
        assert_eq!("0s".parse(), Ok(Seconds(0)));
    }

    #[test]
    fn refuses_what_has_no_unit_or_too_much_of_it() {
        for bad in [
            "",
            "90",
            "s",
            "1.5s",
            "-1s",
            " 1s",
            "1 s",
            "1s1h",
            "1s1s",
            "1w",
            "99999999999999999999s",
            "213503982334602d",
        ] {
            assert!(bad.parse::<Milliseconds>().is_err(), "{bad:?}");
        }
        assert_eq!(
            "500ms".parse::<Seconds>().unwrap_err().to_string(),
            "this duration is counted in whole seconds"
        );
    }

    proptest! {
        #[test]
        fn display_reads_back(count in 0u64..10_000_000_000) {
            prop_assert_eq!(Milliseconds(count).to_string().parse(), Ok(Milliseconds(count)));
        }
    }
}
