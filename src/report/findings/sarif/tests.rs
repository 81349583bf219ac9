//! What a log holds.

#![cfg(test)]

use serde_json::Value;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::super::fixture::Fixture;
use super::*;

/// Compared to the last backslash, of which snapbox would make slashes.
fn pretty(value: &Value) -> snapbox::Data {
    quiet_json(&format!("{value:#}")).raw()
}

fn run(fixture: &Fixture) -> Value {
    let mut log: Value = serde_json::from_str(&write(&fixture.report())).expect("JSON");
    log["runs"][0].take()
}

#[test]
fn tells_the_rules() {
    assert_data_eq!(
        pretty(&run(&Fixture::two())["tool"]["driver"]["rules"]),
        str![[r##"
[
  {
    "id": "cdn-on-session-traffic",
    "name": "cdn-on-session-traffic",
    "shortDescription": {
      "text": "The CDN is on for a backend that carries sessions."
    },
    "fullDescription": {
      "text": "The CDN is on for a backend that carries sessions."
    },
    "help": {
      "text": "# cdn-on-session-traffic\n\nThe CDN is on for a backend that carries sessions.\n",
      "markdown": "# cdn-on-session-traffic\n\nThe CDN is on for a backend that carries sessions.\n"
    },
    "defaultConfiguration": {
      "level": "error"
    },
    "properties": {
      "tags": [
        "reliability",
        "evidence/documented"
      ],
      "problem.severity": "error"
    }
  },
  {
    "id": "drain-disabled",
    "name": "drain-disabled",
    "shortDescription": {
      "text": "Connections are cut at once."
    },
    "fullDescription": {
      "text": "Connections are cut at once."
    },
    "help": {
      "text": "# drain-disabled\n",
      "markdown": "# drain-disabled\n"
    },
    "defaultConfiguration": {
      "level": "warning"
    },
    "properties": {
      "tags": [
        "reliability",
        "evidence/source"
      ],
      "problem.severity": "warning"
    }
  }
]
"##]]
        .raw()
    );
}

#[test]
fn shows_findings_and_their_other_places() {
    assert_data_eq!(
        pretty(&run(&Fixture::two())["results"]),
        str![[r#"
[
  {
    "ruleId": "cdn-on-session-traffic",
    "ruleIndex": 0,
    "level": "error",
    "message": {
      "text": "the `cdn` is on\n\nhelp: write `enabled: false`"
    },
    "locations": [
      {
        "physicalLocation": {
          "artifactLocation": {
            "uri": "k8s/backend.yaml",
            "uriBaseId": "%SRCROOT%"
          },
          "region": {
            "startLine": 3,
            "startColumn": 1,
            "endLine": 3,
            "endColumn": 14
          }
        },
        "logicalLocations": [
          {
            "name": "spec.cdn.enabled",
            "fullyQualifiedName": "BackendConfig/chat/spec.cdn.enabled",
            "kind": "property"
          }
        ]
      }
    ],
    "relatedLocations": [
      {
        "id": 1,
        "physicalLocation": {
          "artifactLocation": {
            "uri": "k8s/service.yaml",
            "uriBaseId": "%SRCROOT%"
          },
          "region": {
            "startLine": 2,
            "startColumn": 9,
            "endLine": 2,
            "endColumn": 13
          }
        },
        "message": {
          "text": "carries sessions"
        }
      }
    ],
    "partialFingerprints": {
      "siowayFinding/v1": "939c4faf2856c5e4144eab8aaa8191a4:1"
    },
    "properties": {
      "fix": "safe"
    }
  },
  {
    "ruleId": "drain-disabled",
    "ruleIndex": 1,
    "level": "warning",
    "message": {
      "text": "no drain"
    },
    "locations": [
      {
        "physicalLocation": {
          "artifactLocation": {
            "uri": "k8s/backend.yaml",
            "uriBaseId": "%SRCROOT%"
          },
          "region": {
            "startLine": 1,
            "startColumn": 1,
            "endLine": 1,
            "endColumn": 5
          }
        },
        "logicalLocations": [
          {
            "name": "chat",
            "fullyQualifiedName": "BackendConfig/web/chat",
            "kind": "object"
          }
        ]
      }
    ],
    "partialFingerprints": {
      "siowayFinding/v1": "ee50a588233d42fbe97570166cc693fd:1"
    },
    "properties": {
      "fix": "none"
    }
  }
]
"#]]
        .raw()
    );
}

#[test]
fn shows_hostile_text_as_text() {
    let run = run(&Fixture::hostile());
    assert_data_eq!(pretty(&run["results"]), str![[r#"
[
  {
    "ruleId": "drain-disabled",
    "ruleIndex": 1,
    "level": "note",
    "message": {
      "text": "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd\n\nhelp: `a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd"
    },
    "locations": [
      {
        "physicalLocation": {
          "artifactLocation": {
            "uri": "a%20b%2Cc%3A%7C%60%3C%C3%A9%3E.yaml",
            "uriBaseId": "%SRCROOT%"
          },
          "region": {
            "startLine": 2,
            "startColumn": 1,
            "endLine": 2,
            "endColumn": 6
          }
        },
        "logicalLocations": [
          {
            "name": "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd",
            "fullyQualifiedName": "BackendConfig/chat/`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd",
            "kind": "property"
          }
        ]
      }
    ],
    "partialFingerprints": {
      "siowayFinding/v1": "c7d66fe30ae6bd9868be8b5f43757d2a:1"
    },
    "properties": {
      "fix": "none"
    }
  }
]
"#]].raw());
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn has_results_even_when_there_are_none() {
    let run = run(&Fixture::empty());
    assert_eq!(run["results"], Value::Array(Vec::new()));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn keeps_the_worst_of_too_many() {
    let run = run(&Fixture::many(30_000));
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), MOST_RESULTS);
    let notes = results.iter().filter(|result| result["level"] == "note");
    assert_eq!(notes.count(), 5_000);
    assert_eq!(results[0]["level"], "error");
    let notifications = &run["invocations"][0]["toolExecutionNotifications"];
    assert_data_eq!(
        notifications[0]["message"]["text"].to_string(),
        str![[
            r#""5000 results left out, the mildest, since code scanning takes 25000 and 10 MB""#
        ]]
    );
}

#[test]
fn a_finding_without_a_place_is_told_apart_from_results() {
    let mut fixture = Fixture::two();
    fixture.findings[1].diagnostic.labels.clear();
    let run = run(&fixture);
    assert_eq!(run["results"].as_array().map(Vec::len), Some(1));
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["descriptor"]["id"], "drain-disabled");
}

#[test]
fn a_finding_keeps_its_fingerprint_where_its_line_goes() {
    let fingerprints = |fixture: &Fixture| -> Vec<String> {
        let run = run(fixture);
        let results = run["results"].as_array().expect("a list").iter();
        results.map(|result| result["partialFingerprints"].to_string()).collect()
    };
    let mut fixture = Fixture::many(3);
    fixture.findings[1].path = "spec".into();
    let before = fingerprints(&fixture);
    for finding in &mut fixture.findings {
        finding.diagnostic.labels[0].span = (0..1).into();
        finding.diagnostic.message = "in other words".into();
    }
    assert_eq!(fingerprints(&fixture), before);
    assert!(before[0] != before[1] && before[0] != before[2] && before[1] != before[2]);
}
