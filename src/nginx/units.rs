//! nginx's times, sizes and switches.
//!
//! `nginx/nginx:src/core/ngx_parse.c`.

/// A time in milliseconds: `60`, `650s`, `1m30s`, `1h 30m`, `100ms`. A number alone is seconds.
///
/// Units come from large to small, each at most once. `None` for anything else, and for more than nginx can hold.
pub fn milliseconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 8] = [
        ("y", 365 * 86_400_000),
        ("M", 30 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    let mut total: u64 = 0;
    let mut next = 0;
    let mut rest = text;
    if !rest.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    while !rest.is_empty() {
        let (number, unit, behind) = part(rest)?;
        let scale = if unit.is_empty() {
            // A bare number is seconds, and the last.
            (next <= 6 && behind.is_empty()).then_some(1_000)?
        } else {
            let index = UNITS.iter().position(|(name, _)| *name == unit)?;
            (index >= next).then_some(())?;
            next = index + 1;
            UNITS[index].1
        };
        total = total.checked_add(number.checked_mul(scale)?)?;
        rest = behind;
    }
    i64::try_from(total).ok().map(|_| total)
}

/// A number, its unit, and what stands behind them and the spaces that follow.
fn part(text: &str) -> Option<(u64, &str, &str)> {
    let digits = text.find(|byte: char| !byte.is_ascii_digit());
    let (number, rest) = text.split_at(digits.unwrap_or(text.len()));
    let letters = rest.find(|byte: char| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(letters);
    Some((number.parse().ok()?, unit, rest.trim_start_matches(' ')))
}

/// A size in bytes: `1024`, `8k`, `1m`, `1g`.
pub fn bytes(text: &str) -> Option<u64> {
    let (number, scale) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1 << 10),
        b'm' | b'M' => (&text[..text.len() - 1], 1 << 20),
        b'g' | b'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1_u64),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let total = number.parse::<u64>().ok()?.checked_mul(scale)?;
    i64::try_from(total).ok().map(|_| total)
}

/// `on` or `off`, in any case.
pub fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_nginx_does() {
        let good = [
            ("60", 60_000),
            ("650s", 650_000),
            ("1m30s", 90_000),
            ("1h 30m", 5_400_000),
            ("100ms", 100),
            ("1d", 86_400_000),
            ("0", 0),
            ("1s500ms", 1_500),
            ("1m30", 90_000),
        ];
        for (text, expected) in good {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
        for text in
            ["", "s", "1x", "30s1m", "1s1s", "-1", " 1", "1.5s", "99999999999999999999", "1ms1s"]
        {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_nginx_does() {
        assert_eq!(bytes("8k"), Some(8192));
        assert_eq!(bytes("1m"), Some(1_048_576));
        assert_eq!(bytes("0"), Some(0));
        for text in ["", "m", "1mb", "1.5m", "-1", "99999999999g"] {
            assert_eq!(bytes(text), None, "{text}");
        }
        assert_eq!(switch("ON"), Some(true));
        assert_eq!(switch("yes"), None);
    }
}
