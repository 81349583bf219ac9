//! What is secret in the words of others: complaints of programs, messages of controllers.

/// A text on one line, without what looks like a secret.
pub fn without_secrets(text: &str) -> String {
    let mut after = false;
    let words = text.split_whitespace().map(|word| {
        let hidden = after || is_secret(word);
        after = announces(word);
        if hidden { "[redacted]" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether the next word is a secret, as in `Authorization: Bearer abc` and `password: abc`.
fn announces(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let named = lower.ends_with([':', '=']) && is_name_of_secret(bare);
    matches!(word, "Bearer" | "bearer" | "Basic") || named
}

fn is_name_of_secret(name: &str) -> bool {
    let ends = ["password", "passwd", "token", "secret", "apikey", "api-key", "api_key"];
    ends.iter().any(|end| name.ends_with(end))
}

/// A long word of letters and digits alike may be a token; addresses and names of accounts are nobody's business.
fn is_secret(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let named = word.split_once(['=', ':']).is_some_and(|(name, value)| {
        let value = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        !value.is_empty() && is_name_of_secret(&name.to_ascii_lowercase())
    });
    let tokens = bare.split(['/', ':', '\'', '"', ',', '=', '[', ']']).any(is_token);
    named || tokens || bare.starts_with("ya29.") || bare.starts_with("eyJ") || bare.contains('@')
}

/// Names in Kubernetes are of small letters, and have dashes between their parts.
fn is_token(part: &str) -> bool {
    let of = |is: fn(&u8) -> bool| part.bytes().any(|one| is(&one));
    let long = |most: usize| part.split(['-', '.']).any(|piece| piece.len() >= most);
    part.len() >= 24
        && of(u8::is_ascii_digit)
        && of(u8::is_ascii_alphabetic)
        && (of(u8::is_ascii_uppercase) || long(20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_names_stay() {
        for (text, expected) in [
            ("token ya29.a0AfH6 of me@example.com", "token [redacted] of [redacted]"),
            ("Authorization: Bearer abc denied", "Authorization: Bearer [redacted] denied"),
            ("0123456789abcdef0123456789abcdef", "[redacted]"),
            ("--password=hunter2 --api-token: x", "[redacted] --api-token: [redacted]"),
            (
                "backend k8s1-5f0c1d2e-shop-chat-80-37822521 of pod chat-frontend-7d9f8b6c5d-x2x9z",
                "backend k8s1-5f0c1d2e-shop-chat-80-37822521 of pod chat-frontend-7d9f8b6c5d-x2x9z",
            ),
        ] {
            assert_eq!(without_secrets(text), expected);
        }
    }
}
