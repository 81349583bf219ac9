//! Random texts: manifests as people write them, in all styles, with comments everywhere.

/// Numbers that look random, from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % sides as u64).unwrap()
    }

    /// Once in `sides` times.
    pub(crate) fn chance(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub(crate) fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.roll(all.len())]
    }
}

/// Keys; some need quotes, some are names of numbers.
pub(super) const KEYS: [&str; 10] = [
    "spec",
    "name",
    "timeoutSec",
    "a",
    "cloud.google.com/neg",
    "on",
    "80",
    "data",
    "x y",
    "labels",
];

/// Texts that are hard to write.
pub(super) const TEXTS: [&str; 22] = [
    "chat",
    "yes",
    "1_000",
    "0x1f",
    "",
    "a: b",
    "a #b",
    "# x",
    "it's",
    "say \"x\"",
    "- x",
    "*x",
    "é漢",
    "30s",
    "nginx:1.27",
    "x\ny\n",
    "x\n\n  y",
    " lead",
    "trail ",
    "2001-01-01",
    "{\"a\": [1, {\"b\": \"c\"}]}",
    "\u{2028}\t",
];

/// A manifest in the making.
pub(super) struct Maker<'d> {
    dice: &'d mut Dice,
    text: String,
    step: usize,
    dash: usize,
    gap: usize,
    comments: usize,
    number: usize,
    anchors: usize,
}

/// A text of one document or several.
pub(super) fn manifest(dice: &mut Dice) -> String {
    if dice.chance(12) {
        return json(dice);
    }
    let step = *dice.of(&[2, 2, 3, 4]);
    let mut maker = Maker {
        step,
        dash: if dice.chance(2) { 0 } else { step },
        gap: if dice.chance(5) { 3 } else { 1 },
        comments: *dice.of(&[3, 6, 1000]),
        dice,
        text: String::new(),
        number: 0,
        anchors: 0,
    };
    let count = 1 + maker.dice.roll(3);
    for index in 0..count {
        if index > 0 || maker.dice.chance(3) {
            maker.text += if maker.dice.chance(4) { "--- # next\n" } else { "---\n" };
        }
        if maker.dice.chance(12) {
            maker.text += "# nothing here\n";
            continue;
        }
        maker.anchors = 0;
        maker.lead(0);
        maker.map(0, 3, false);
        maker.lead(0);
    }
    let (mut text, dice) = (maker.text, maker.dice);
    if dice.chance(6) {
        text = text.trim_end_matches('\n').to_owned();
    }
    if dice.chance(6) {
        text = text.replace('\n', "\r\n");
    }
    if dice.chance(12) {
        text.insert(0, '\u{feff}');
    }
    text
}

fn json(dice: &mut Dice) -> String {
    let value = serde_json::json!({
        "kind": "A", "spec": {"a": {}, "l": [1, {"b": "c"}], "n": null, "t": "x\n\"y\""}, "z": dice.roll(9)
    });
    if dice.chance(2) { format!("{value:#}\n") } else { value.to_string() }
}

impl Maker<'_> {
    /// Comments and empty lines before something.
    fn lead(&mut self, indent: usize) {
        while self.dice.chance(self.comments) {
            self.number += 1;
            let margin = if self.dice.chance(4) { self.dice.roll(6) } else { indent };
            let key = self.dice.of(&KEYS);
            self.text += &format!("{}# {} {key}\n", " ".repeat(margin), self.number);
        }
        if self.dice.chance(9) {
            self.text += "\n";
        }
    }

    /// The end of a line, maybe with a comment.
    fn end(&mut self) {
        if self.dice.chance(self.comments) {
            self.number += 1;
            self.text +=
                &format!("{}# {}", if self.dice.chance(2) { " " } else { "   " }, self.number);
        }
        self.text += "\n";
    }

    fn map(&mut self, indent: usize, depth: usize, inline: bool) {
        let count = 1 + self.dice.roll(4);
        let first = self.dice.roll(KEYS.len());
        for index in 0..count {
            if index > 0 || !inline {
                if index > 0 {
                    self.lead(indent);
                }
                self.text += &" ".repeat(indent);
            }
            let key = KEYS[(first + index) % KEYS.len()];
            self.key(key);
            self.value(indent, depth);
        }
    }

    fn key(&mut self, key: &str) {
        let quoted = match self.dice.roll(8) {
            0 => format!("\"{key}\""),
            1 => format!("'{key}'"),
            _ if ["on", "80"].contains(&key) => format!("'{key}'"),
            _ => key.to_owned(),
        };
        self.text += &quoted;
        self.text += if self.dice.chance(20) { " :" } else { ":" };
    }

    /// What stands behind a key.
    fn value(&mut self, indent: usize, depth: usize) {
        let sort = self.dice.roll(if depth == 0 { 8 } else { 14 });
        match sort {
            8..=10 => {
                self.anchor();
                self.end();
                self.lead(indent + self.step);
                self.map(indent + self.step, depth - 1, false);
            }
            11..=13 => {
                self.end();
                self.list(indent + self.dash, depth - 1);
            }
            _ => self.scalar(indent),
        }
    }

    fn anchor(&mut self) {
        if self.dice.chance(25) {
            self.anchors += 1;
            self.text += &format!(" &m{}", self.anchors);
        }
    }

    fn list(&mut self, indent: usize, depth: usize) {
        for _ in 0..=self.dice.roll(3) {
            self.lead(indent);
            self.text += &format!("{}-", " ".repeat(indent));
            if depth > 0 && self.dice.chance(2) {
                self.text += &" ".repeat(self.gap);
                self.map(indent + 1 + self.gap, depth - 1, true);
            } else {
                self.scalar(indent);
            }
        }
    }

    /// Behind a colon or a dash whose line is indented so.
    fn scalar(&mut self, indent: usize) {
        match self.dice.roll(13) {
            0 => self.end(),
            1 => self.line("~"),
            2 => self.line("{}"),
            3 => self.line("[]"),
            4 => {
                let flow = self.flow(2);
                self.line(&flow);
            }
            5 => self.flow_lines(indent),
            6 => self.block(indent),
            7 => self.line("'{\"default\":\"chat\", \"n\": 1}'"),
            8 => self.line("\"{\\\"neg\\\": true}\""),
            9 if self.anchors > 0 && self.dice.chance(2) => {
                let line = format!("*m{}", self.anchors);
                self.line(&line);
            }
            10 => {
                let margin = " ".repeat(indent + self.step);
                self.text += &format!(" \"first\n{margin}second\"");
                self.end();
            }
            _ => {
                let texts = [
                    "80",
                    "text",
                    "'single'",
                    "\"dou\\tble\"",
                    "true",
                    "nginx:1.25",
                    "'it''s'",
                    "a b",
                    "1.5",
                ];
                let line = self.dice.of(&texts);
                self.line(line);
            }
        }
    }

    fn line(&mut self, value: &str) {
        self.text += &format!(" {value}");
        self.end();
    }

    fn flow(&mut self, depth: usize) -> String {
        let tight = self.dice.chance(3);
        let (comma, colon) = if tight { (",", ": ") } else { (", ", ": ") };
        let mut parts = Vec::new();
        for index in 0..=self.dice.roll(3) {
            let value = match self.dice.roll(4) {
                0 if depth > 0 => self.flow(depth - 1),
                1 => "\"q\"".to_owned(),
                2 => "{}".to_owned(),
                _ => "7".to_owned(),
            };
            parts.push(format!("k{index}{colon}{value}"));
        }
        let space = if self.dice.chance(3) { " " } else { "" };
        if self.dice.chance(3) {
            return format!("[{}]", ["1", "x", "\"y\""].join(comma));
        }
        format!("{{{space}{}{space}}}", parts.join(comma))
    }

    fn flow_lines(&mut self, indent: usize) {
        let (inner, outer) = (" ".repeat(indent + self.step + 2), " ".repeat(indent + self.step));
        let list = self.dice.chance(2);
        let trailing = if self.dice.chance(2) { "," } else { "" };
        self.text += if list { " [" } else { " {" };
        self.end();
        for (key, comma) in [("p", ","), ("q", ","), ("r", trailing)] {
            let part = if list { key.to_owned() } else { format!("{key}: 1") };
            self.text += &format!("{inner}{part}{comma}");
            self.end();
        }
        self.text += &format!("{outer}{}", if list { "]" } else { "}" });
        self.end();
    }

    fn block(&mut self, indent: usize) {
        let style = *self.dice.of(&["|", "|", "|-", "|+", ">", ">-"]);
        let margin = " ".repeat(indent + 1 + self.dice.roll(4));
        self.text += &format!(" {style}");
        self.end();
        for line in
            ["one: 1", "  deeper", "", "# no comment", "last"].iter().take(1 + self.dice.roll(5))
        {
            let margin = if line.is_empty() { "" } else { &margin };
            self.text += &format!("{margin}{line}\n");
        }
        if self.dice.chance(3) {
            self.text += "\n";
        }
    }
}
