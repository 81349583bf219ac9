//! The ladder: each rung is two bars, and the one that is to be larger is the lower of them.

use super::clean;
use super::svg::{Sheet, WIDTH, text_width, wrap};
use crate::picture::{Amount, Rung, Side};

const BAR: f64 = 8.0;
const LINE: f64 = 18.0;
const AFTER: f64 = 22.0;

/// The longest bar.
const FULL: f64 = WIDTH - 2.0 * Sheet::MARGIN;

/// What the longest bar stands for: a day, and a gigabyte.
const DAY: f64 = 86_400_000.0;
const GIGABYTE: f64 = 1e9;

/// Draws the rungs.
pub(super) fn draw(sheet: &mut Sheet, rungs: &[Rung]) {
    for rung in rungs {
        let class = if rung.holds { "sio-bar" } else { "sio-bar sio-wrong" };
        side(sheet, &rung.lower, class);
        let words = match (rung.holds, rung.sign) {
            (true, "<") => "must be below",
            (true, _) => "must not be above",
            (false, "<") => "✗ is not below",
            (false, _) => "✗ is above",
        };
        let ink = if rung.holds { "sio-soft" } else { "sio-fault" };
        sheet.text(Sheet::MARGIN, LINE, ink, words);
        sheet.down(6.0);
        side(sheet, &rung.upper, class);
        sheet.down(AFTER);
    }
}

/// A number: its name, its value at the right, its bar below.
fn side(sheet: &mut Sheet, side: &Side, class: &str) {
    let value = clean(&side.value);
    let left = FULL - text_width(&value, 15.0) - 12.0;
    let lines = wrap(&clean(&side.what), left.max(FULL / 2.0), 13.0);
    for (at, line) in lines.iter().enumerate() {
        sheet.text(Sheet::MARGIN, LINE, "sio-ink", line);
        if at == 0 {
            sheet.at_right(&value);
        }
    }
    sheet.down(5.0);
    sheet.bar(length(side.amount), BAR, class);
    sheet.down(BAR + 2.0);
}

/// Seconds and days are seen side by side: bars grow with the logarithm.
fn length(amount: Amount) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "it is drawn, and not reckoned with")]
    let (value, most) = match amount {
        Amount::Milliseconds(time) => (time as f64 / 100.0, DAY / 100.0),
        Amount::Bytes(size) => (size as f64 / 1_000.0, GIGABYTE / 1_000.0),
    };
    let share = (1.0 + value).ln() / (1.0 + most).ln();
    (FULL * share).clamp(2.0, FULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_is_drawn_longer() {
        let lengths = [1, 5_000, 10_000, 25_000, 86_400_000].map(Amount::Milliseconds).map(length);
        assert!(lengths.is_sorted_by(|one, other| one < other), "{lengths:?}");
        assert!(lengths.iter().all(|length| (2.0..=FULL).contains(length)));
        assert!((length(Amount::Bytes(u64::MAX)) - FULL).abs() < 0.1);
    }
}
