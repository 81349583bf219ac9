//! Pods that contradict the rest, or that would carry secrets in the open.

use super::{Context, Refusal};
use crate::spec::Problem;

pub(super) const REFUSALS: &[Refusal] = &[replicas_differ, secret_in_manifest];

fn replicas_differ(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let own = c.spec.workload.as_ref().and_then(|workload| workload.replicas);
    let (Some(top), Some(own)) = (c.spec.replicas, own) else {
        return;
    };
    if top != own {
        let message = format!("`replicas` is {top}, and the workload's is {own}");
        let problem = Problem::new("replicas-differ", message, "keep one of the two");
        problems.push(
            problem
                .end("replicas", "what sioway reasons with")
                .end("workload.replicas", "what would run"),
        );
    }
}

fn secret_in_manifest(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(workload) = &c.spec.workload else {
        return;
    };
    let open = workload.env.iter().filter(|(name, value)| {
        (looks_secret(name.as_str()) && !value.is_empty()) || holds_password(value)
    });
    for (name, _) in open {
        let message = format!("`{name}` looks like a secret, and manifests are no place for one");
        let problem = Problem::new(
            "secret-in-manifest",
            message,
            "put it into a Secret, and name that in `workload.secrets`",
        );
        problems.push(problem.end(format!("workload.env.{name}"), "given in plain text"));
    }
}

/// A name that ends with a word for a secret. One that goes on, such as `TOKEN_FILE` or `MAX_TOKENS`, speaks of
/// something else.
fn looks_secret(name: &str) -> bool {
    const WORDS: [&str; 7] =
        ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "PRIVATE_KEY", "CREDENTIALS"];
    let name = name.to_ascii_uppercase();
    let ends = |word: &str| {
        let rest = name.strip_suffix(word);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    WORDS.into_iter().any(ends)
}

/// `scheme://user:password@host`
fn holds_password(value: &str) -> bool {
    let user =
        value.split_once("://").and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'));
    user.is_some_and(|(user, _)| {
        user.split_once(':').is_some_and(|(_, password)| !password.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_secrets_from_what_points_to_them() {
        assert!(looks_secret("DB_PASSWORD") && looks_secret("api_key"));
        for other in [
            "TOKEN_FILE",
            "PORT",
            "MAX_TOKENS",
            "PASSWORD_MIN_LENGTH",
            "TOKENIZERS_PARALLELISM",
            "BROKEN",
        ] {
            assert!(!looks_secret(other), "{other}");
        }
        assert!(holds_password("postgres://app:hunter2@db/chat"));
        assert!(!holds_password("redis://cache:6379") && !holds_password("https://a.b/c:d@e"));
    }
}
