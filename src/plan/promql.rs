//! Names and selectors of PromQL, as two readers of the load balancer's metrics make them.

use std::fmt::Write as _;

/// Who holds the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Cloud Monitoring itself (<https://docs.cloud.google.com/monitoring/promql/promql-mapping>).
    Google,
    /// `stackdriver_exporter` with `--monitoring.aggregate-deltas`
    /// (prometheus-community/stackdriver_exporter:README.md).
    Exporter,
}

/// A metric of Cloud Monitoring: its type, and the resource that it is of.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    /// The type, such as `loadbalancing.googleapis.com/https/request_count`.
    pub(super) kind: String,
    /// The type of the monitored resource.
    pub(super) resource: String,
}

impl Metric {
    /// A selector of the metric's series; `suffix` is that of a histogram's part.
    pub(super) fn select(&self, reader: Reader, suffix: &str, matchers: &[Matcher<'_>]) -> String {
        let name = match reader {
            Reader::Google => google_name(&self.kind),
            Reader::Exporter => exporter_name(&self.resource, &self.kind),
        };
        let own = [("monitored_resource", "=", self.resource.as_str())];
        let own: &[Matcher<'_>] = if reader == Reader::Google { &own } else { &[] };
        let matchers: Vec<String> = own
            .iter()
            .chain(matchers)
            .map(|(label, operator, value)| format!("{label}{operator}{}", quoted(value)))
            .collect();
        let matchers = matchers.join(", ");
        let matchers = if matchers.is_empty() { matchers } else { format!("{{{matchers}}}") };
        format!("{name}{suffix}{matchers}")
    }
}

/// A label, an operator and a value.
pub(super) type Matcher<'a> = (&'a str, &'a str, &'a str);

/// The first `/` becomes `:`, everything else that is special `_`.
fn google_name(kind: &str) -> String {
    let (domain, path) = kind.split_once('/').unwrap_or((kind, ""));
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    domain.chars().map(plain).chain([':']).chain(path.chars().map(plain)).collect()
}

/// The words of both, digits apart from letters, with one `_` between
/// (prometheus-community/stackdriver_exporter:utils/utils.go, `NormalizeMetricName`).
fn exporter_name(resource: &str, kind: &str) -> String {
    let mut name = "stackdriver".to_owned();
    let mut before = None;
    for c in format!("/{resource}/{kind}").chars() {
        let class = (c.is_ascii_alphabetic(), c.is_ascii_digit());
        if class != (false, false) {
            if before != Some(class) {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        }
        before = Some(class);
    }
    name
}

/// A string of PromQL.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as a regular expression of RE2 that fits it alone.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A number without an exponent.
pub(super) fn number(value: f64) -> String {
    let mut out = String::new();
    // Shares have four decimals, everything else is whole.
    write!(out, "{value:.4}").expect("a string takes all it is given");
    out.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(kind: &str, resource: &str) -> Metric {
        Metric { kind: kind.into(), resource: resource.into() }
    }

    /// The examples of Google's page on the mapping.
    #[test]
    fn names_are_mapped_as_google_maps_them() {
        for (kind, name) in [
            (
                "compute.googleapis.com/instance/cpu/utilization",
                "compute_googleapis_com:instance_cpu_utilization",
            ),
            ("logging.googleapis.com/log_entry_count", "logging_googleapis_com:log_entry_count"),
            ("logging.googleapis.com/user/a-b.c", "logging_googleapis_com:user_a_b_c"),
        ] {
            assert_eq!(google_name(kind), name);
        }
    }

    /// The examples of the exporter's README, and the split of digits that its users know.
    #[test]
    fn names_are_normalized_as_the_exporter_does() {
        for (resource, kind, name) in [
            (
                "gce_instance",
                "compute.googleapis.com/instance/cpu/usage_time",
                "stackdriver_gce_instance_compute_googleapis_com_instance_cpu_usage_time",
            ),
            (
                "l7_lb_rule",
                "logging.googleapis.com/user/a.b2",
                "stackdriver_l_7_lb_rule_logging_googleapis_com_user_a_b_2",
            ),
        ] {
            assert_eq!(exporter_name(resource, kind), name);
        }
    }

    #[test]
    fn selectors_quote_what_they_match() {
        let metric = metric("a.b/c", "r");
        let matchers = [("path", "=~", r"/a\.b")];
        assert_eq!(
            metric.select(Reader::Google, "_bucket", &matchers),
            r#"a_b:c_bucket{monitored_resource="r", path=~"/a\\.b"}"#
        );
        assert_eq!(
            metric.select(Reader::Exporter, "", &matchers),
            r#"stackdriver_r_a_b_c{path=~"/a\\.b"}"#
        );
    }

    #[test]
    fn numbers_are_plain() {
        for (value, text) in [(0.01, "0.01"), (5.0, "5"), (77_760.0, "77760"), (0.0025, "0.0025")] {
            assert_eq!(number(value), text);
        }
    }
}
