//! Words in lines that can be read.

/// Where lines end.
const WIDTH: usize = 100;

/// Words in lines of a bearable length, below a headline.
pub(super) fn wrapped(label: &str, words: &str) -> String {
    let indent = " ".repeat(4 + label.chars().count());
    let mut line = format!("    {label}");
    let mut text = String::new();
    let mut empty = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.extend([line.trim_end(), "\n"]);
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    text.extend([line.trim_end(), "\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words() {
        let text = wrapped("do: ", &"word ".repeat(40));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().nth(1).unwrap().starts_with("        word"));
    }
}
