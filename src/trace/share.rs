//! How often a request reaches another pod than the one before it.

use std::fmt;

/// One pod in so many is the right one; all others answer 400, Session ID unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many there are to choose from; `None` where nobody knows.
    pub of: Option<u64>,
}

impl Share {
    /// A choice among so many.
    pub fn among(of: Option<u64>) -> Self {
        Self { of }
    }

    /// Whether nothing can go wrong: there is only one.
    pub fn is_safe(self) -> bool {
        self.of.is_some_and(|of| of <= 1)
    }

    /// Two choices, one after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { of: self.of.zip(other.of).map(|(one, other)| one.saturating_mul(other)) }
    }

    /// The tries that fail, and of how many.
    pub fn fraction(self) -> Option<(u64, u64)> {
        self.of.map(|of| (of.saturating_sub(1), of))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fraction() {
            Some((lost, of)) => write!(f, "in {lost} of {of} tries"),
            None => {
                f.write_str("in n-1 of n tries with n pods (how many is not among the files given)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_choices_multiply() {
        let both = Share::among(Some(3)).and(Share::among(Some(2)));
        assert_eq!(both.to_string(), "in 5 of 6 tries");
        assert!(Share::among(Some(1)).is_safe());
        assert!(!Share::among(None).is_safe());
        assert_eq!(Share::among(None).and(both).fraction(), None);
    }
}
