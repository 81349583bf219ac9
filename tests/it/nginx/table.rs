//! The table of directives says of each what nginx says.

use sioway::nginx::{Context, Row, directives, rows};

use super::oracle::{Oracle, current, distribution};

/// A text with a line in a context; `None` for contexts that only an nginx with streams has.
fn around(context: Context, line: &str) -> Option<String> {
    let http = |inside: &str| format!("events {{}}\nhttp {{ {inside} }}\n");
    let server = |inside: &str| http(&format!("server {{ {inside} }}"));
    let location = |inside: &str| server(&format!("location / {{ {inside} }}"));
    Some(match context {
        Context::Main => format!("{line}\n"),
        Context::Events => format!("events {{ {line} }}\n"),
        Context::Http => http(line),
        Context::Server => server(line),
        Context::Location => location(line),
        Context::ServerIf => server(&format!("if ($uri) {{ {line} }}")),
        Context::LocationIf => location(&format!("if ($uri) {{ {line} }}")),
        Context::LimitExcept => location(&format!("limit_except GET {{ {line} }}")),
        Context::Upstream => http(&format!("upstream u {{ {line} }}")),
        Context::Stream | Context::StreamServer | Context::StreamUpstream => return None,
    })
}

fn line(row: Row, arguments: usize, value: &str) -> String {
    let end = if row.block { " {}" } else { ";" };
    format!("{}{}{end}", row.name, format!(" {value}").repeat(arguments))
}

fn allowed(name: &str, context: Context) -> bool {
    rows(name).iter().any(|row| row.allows(context))
}

/// The nginx that knows a directive; `None` if none of those here was built with its module.
fn knowing(oracles: &[Oracle], row: Row) -> Option<&Oracle> {
    let context = Context::ALL.into_iter().find(|context| row.allows(*context))?;
    let text = around(context, &line(row, row.least, "1"))?;
    oracles.iter().find(|oracle| !oracle.refusal(text.as_bytes()).starts_with("unknown directive"))
}

const PLACE: [&str; 4] =
    ["is not allowed here", "invalid number of arguments", "has no opening", "not terminated by"];

fn check_row(oracle: &Oracle, row: Row) {
    for context in Context::ALL {
        let Some(text) = around(context, &line(row, row.least, "1")) else {
            continue;
        };
        let refusal = oracle.refusal(text.as_bytes());
        if row.allows(context) {
            assert!(
                !PLACE.iter().any(|one| refusal.contains(one)),
                "{row:?} {context:?}: {refusal}"
            );
        } else if !allowed(row.name, context) {
            assert!(refusal.contains(PLACE[0]), "{row:?} {context:?}: {refusal}");
        }
    }
    let context = Context::ALL.into_iter().find(|context| row.allows(*context)).unwrap();
    let beyond = [row.least.checked_sub(1), row.most.checked_add(1)];
    for count in beyond.into_iter().flatten() {
        let refusal = oracle.refusal(around(context, &line(row, count, "1")).unwrap().as_bytes());
        assert!(refusal.contains(PLACE[1]), "{row:?} with {count}: {refusal}");
    }
    let refusal =
        oracle.refusal(around(context, &line(row, row.most.min(3), "1")).unwrap().as_bytes());
    assert!(!PLACE.iter().any(|one| refusal.contains(one)), "{row:?}: {refusal}");
}

/// Whether nginx takes one of these lines and refuses two, if a value can be found that it takes.
fn refuses_two(oracle: &Oracle, row: Row) -> Option<bool> {
    let context = Context::ALL.into_iter().find(|context| row.allows(*context))?;
    for value in ["on", "1", "1m", "8k", "$uri", "a", "/a", "127.0.0.1:1"] {
        let one = line(row, row.least, value);
        if oracle.refusal(around(context, &one)?.as_bytes()).is_empty() {
            let two = around(context, &format!("{one} {one}"))?;
            return Some(oracle.refusal(two.as_bytes()).contains("is duplicate"));
        }
    }
    None
}

/// Runs a check for every row that one of the two nginx knows, on two threads.
fn each_known(check: impl Fn(&Oracle, Row) + Sync) -> usize {
    let all: Vec<Row> = directives().collect();
    let half = |rows: &[Row]| {
        let oracles = [Oracle::new(current()), Oracle::new(distribution())];
        let known = rows.iter().filter_map(|row| Some((knowing(&oracles, *row)?, *row)));
        known.map(|(oracle, row)| check(oracle, row)).count()
    };
    std::thread::scope(|scope| {
        let (first, second) = all.split_at(all.len() / 2);
        let other = scope.spawn(|| half(first));
        half(second) + other.join().unwrap()
    })
}

#[test]
fn directives_stand_where_nginx_lets_them() {
    let known = each_known(check_row);
    assert!(known > 350, "nginx knows {known} of the rows");
}

#[test]
fn directives_are_repeated_as_nginx_lets_them() {
    let tried = std::sync::atomic::AtomicUsize::new(0);
    each_known(|oracle, row| {
        // An upstream without servers, or http twice, are refused in other words.
        if let Some(refused) = refuses_two(oracle, row).filter(|_| !row.block) {
            tried.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            // Some settings of HTTP/2 mean nothing any more, and only the nginx of old refuses two of them.
            let obsolete = row.name.starts_with("http2_");
            assert!(refused == row.once || obsolete, "{row:?}");
        }
    });
    let tried = tried.into_inner();
    assert!(tried > 150, "{tried}");
}
