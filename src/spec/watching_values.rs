//! Values of `[monitoring]` and `[verify]`: shares, schedules, addresses.

use std::fmt;
use std::str::FromStr;

use super::newtype::{Invalid, checked_text, only, text_value};

const SHARE: &str = "a share is a percentage of at most two decimals, such as \"1%\" or \"0.25%\"";
const URL_MAX: usize = 2_000;
const CHANNEL_MAX: usize = 500;

/// A share, more than none and at most all: `"1%"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    const WHOLE: u32 = 10_000;

    /// So many per cent; anything but 1 to 100 stops the build.
    pub const fn percent(count: u32) -> Self {
        assert!(1 <= count && count <= 100);
        Self(count * 100)
    }

    /// The share in ten-thousandths.
    pub const fn ten_thousandths(self) -> u32 {
        self.0
    }

    /// The share as a number from 0 to 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / f64::from(Self::WHOLE)
    }
}

impl FromStr for Share {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = text.strip_suffix('%').ok_or_else(|| Invalid::new(SHARE))?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(part) || part.len() > 2 {
            return Err(Invalid::new(SHARE));
        }
        let hundredths = format!("{whole}{part:0<2}").parse().unwrap_or(u32::MAX);
        if (1..=Self::WHOLE).contains(&hundredths) {
            Ok(Self(hundredths))
        } else {
            Err(Invalid::new("a share is more than 0% and at most 100%"))
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / 100.0)
    }
}

text_value!(
    Share,
    expecting: "a share such as \"1%\"",
    schema: { "title": "percentage", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})?%$" }
);

checked_text!(
    /// When a CronJob runs: five fields, as `CronJob.spec.schedule` takes them.
    Schedule, check_schedule,
    expecting: "a schedule such as \"*/15 * * * *\"",
    schema: { "title": "schedule", "pattern": "^[-0-9A-Za-z*/,]+( [-0-9A-Za-z*/,]+){4}$" }
);

checked_text!(
    /// A URL without user, query or fragment, whose path is the app's root.
    PublicUrl, check_url,
    expecting: "a URL such as \"https://chat.example.com\"",
    schema: { "title": "URL", "pattern": "^https?://[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:[0-9]{1,5})?/?$" }
);

checked_text!(
    /// The name of a notification channel of Cloud Monitoring.
    Channel, check_channel,
    expecting: "a channel such as \"projects/my-project/notificationChannels/1234\"",
    schema: { "title": "notification channel", "pattern": "^projects/[-a-z0-9.:]+/notificationChannels/[0-9]+$", "maxLength": 500 }
);

checked_text!(
    /// What metric types of Cloud Monitoring begin with: a domain and a path.
    MetricPrefix, check_metric_prefix,
    expecting: "the beginning of metric types such as \"loadbalancing.googleapis.com/https\"",
    schema: { "title": "metric prefix", "pattern": "^[a-z.]+(/[a-z_]+)+$" }
);

checked_text!(
    /// A type of monitored resources.
    ResourceType, check_resource_type,
    expecting: "a type of monitored resources such as \"https_lb_rule\"",
    schema: { "title": "resource type", "pattern": "^[a-z][a-z0-9_]*$" }
);

/// A field of a schedule: what it counts, its range, and names for numbers.
type Field = (&'static str, u32, u32, &'static [&'static str]);

const FIELDS: [Field; 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day", 1, 31, &[]),
    (
        "month",
        1,
        12,
        &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ),
    ("weekday", 0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// The five fields of robfig/cron's standard parser, which Kubernetes uses.
fn check_schedule(text: &str) -> Result<(), Invalid> {
    let fields: Vec<&str> = text.split(' ').collect();
    if fields.len() != FIELDS.len() {
        return Err(Invalid::new(
            "a schedule has five fields: minute, hour, day, month and weekday, with a blank between them",
        ));
    }
    for (field, allowed) in fields.into_iter().zip(FIELDS) {
        if !field.split(',').all(|part| is_part(part, &allowed)) {
            let (what, least, most, _) = allowed;
            return Err(Invalid::new(format!(
                "the {what} of a schedule is `*` or {least} to {most}, not `{field}`"
            )));
        }
    }
    Ok(())
}

/// `*`, a number or a range, with an optional step.
fn is_part(item: &str, field: &Field) -> bool {
    let (range, step) =
        item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
    let step_ok = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let in_order =
        matches!((moment(first, field), moment(last, field)), (Some(a), Some(b)) if a <= b);
    step_ok && (range == "*" || in_order)
}

fn moment(text: &str, (_, least, most, names): &Field) -> Option<u32> {
    let by_name = || names.iter().position(|name| text.eq_ignore_ascii_case(name));
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = if digits {
        text.parse().ok()
    } else {
        u32::try_from(by_name()?).ok().map(|at| at + least)
    };
    number.filter(|number| (least..=most).contains(&number))
}

fn check_url(text: &str) -> Result<(), Invalid> {
    let what = "a URL to probe is `https://` or `http://` and a host, with an optional port";
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let authority = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let (host, port) = authority
        .map(|text| text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))))
        .ok_or_else(|| Invalid::new(what))?;
    only(host, |c| c.is_ascii_alphanumeric() || "-.".contains(c), what)?;
    let part_ok = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    let is_numbered = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    if !host.split('.').all(part_ok) || !is_numbered || text.len() > URL_MAX {
        return Err(Invalid::new(what));
    }
    Ok(())
}

fn check_channel(text: &str) -> Result<(), Invalid> {
    let parts: Vec<&str> = text.split('/').collect();
    let project = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(c);
    match parts[..] {
        ["projects", id, "notificationChannels", number]
            if !id.is_empty()
                && id.chars().all(project)
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
                && text.len() <= CHANNEL_MAX =>
        {
            Ok(())
        }
        _ => Err(Invalid::new(
            "a notification channel is named `projects/PROJECT/notificationChannels/NUMBER`",
        )),
    }
}

fn check_metric_prefix(text: &str) -> Result<(), Invalid> {
    let domain = |c: char| c.is_ascii_lowercase() || c == '.';
    let mut parts = text.split('/');
    let domain_ok = parts.next().is_some_and(|part| !part.is_empty() && part.chars().all(domain));
    let path: Vec<&str> = parts.collect();
    let part_ok =
        |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if !domain_ok || path.is_empty() || !path.iter().all(part_ok) {
        return Err(Invalid::new("a metric type begins with a domain, `/` and a path"));
    }
    Ok(())
}

fn check_resource_type(text: &str) -> Result<(), Invalid> {
    let what = "a resource type is made of lower-case letters, digits and `_`";
    only(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_', what)?;
    if text.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err(Invalid::new(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        for (text, hundredths, shown) in [
            ("1%", 100, "1%"),
            ("0.25%", 25, "0.25%"),
            ("100%", 10_000, "100%"),
            ("0.5%", 50, "0.5%"),
        ] {
            let share: Share = text.parse().unwrap();
            assert_eq!((share.ten_thousandths(), share.to_string().as_str()), (hundredths, shown));
        }
        for bad in [
            "",
            "1",
            "%",
            "0%",
            "0.00%",
            "100.01%",
            "1.234%",
            "-1%",
            "1.%",
            ".5%",
            "1e1%",
            "99999999999%",
        ] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
    }

    #[test]
    fn schedules_are_those_of_kubernetes() {
        for good in
            ["*/15 * * * *", "0 3 1,15 jan-MAR mon", "5-50/5 0 * * 0-6", "*/7 */2 * * sun,sat"]
        {
            assert!(good.parse::<Schedule>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "a * * * *",
            "*/0 * * * *",
            "5-1 * * * *",
            "@daily",
            "* * * * * *",
            "*  * * * *",
            "+1 * * * *",
        ] {
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_name_a_host_alone() {
        for good in ["https://chat.example.com", "http://10.0.0.1:8080/", "https://localhost"] {
            assert!(good.parse::<PublicUrl>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "chat.example.com",
            "ftp://a",
            "https://",
            "https://u:p@a",
            "https://a/b",
            "https://a?b",
            "https://a:0",
            "https://a..b",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
        assert!("projects/my-project/notificationChannels/12".parse::<Channel>().is_ok());
        for bad in
            ["", "12", "projects//notificationChannels/1", "projects/a/notificationChannels/b"]
        {
            assert!(bad.parse::<Channel>().is_err(), "{bad}");
        }
    }
}
