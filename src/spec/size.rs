//! Sizes in bytes: `"1MB"`, `"512KiB"`.

use std::fmt;
use std::str::FromStr;

use super::newtype::{Invalid, text_value};

const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
    ("B", 1),
];

const SHAPE: &str =
    "a size is a whole number with a unit, such as \"1MB\" (a million bytes) or \"512KiB\"";

/// A number of bytes, more than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Bytes(u64);

impl Bytes {
    /// That many bytes.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The count of bytes.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let count: u64 = digits.parse().map_err(|_| Invalid::new(SHAPE))?;
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(Invalid::new(format!(
                "{SHAPE}; units are B, KB, KiB, MB, MiB, GB and GiB"
            )));
        };
        match count.checked_mul(*scale) {
            Some(0) => Err(Invalid::new("a size is more than nothing")),
            Some(bytes) if i64::try_from(bytes).is_ok() => Ok(Self(bytes)),
            _ => Err(Invalid::new("this size is too large")),
        }
    }
}

/// The largest unit that divides the value.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, scale) =
            UNITS.iter().find(|(_, scale)| self.0.is_multiple_of(*scale)).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / scale)
    }
}

text_value!(Bytes, expecting: "a size such as \"1MB\"",
    schema: { "title": "size", "pattern": "^[0-9]+([KMG]i?)?B$" });

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_decimal_from_binary_units() {
        assert_eq!("1MB".parse(), Ok(Bytes(1_000_000)));
        assert_eq!("512KiB".parse(), Ok(Bytes(524_288)));
        for bad in ["", "1", "MB", "1 MB", "1mb", "1M", "-1B", "0B", "99999999999GiB"] {
            assert!(bad.parse::<Bytes>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn display_reads_back(count in 1u64..1 << 50) {
            prop_assert_eq!(Bytes(count).to_string().parse(), Ok(Bytes(count)));
        }
    }
}
