//! Text with variables in it.
//!
//! `ngx_http_script_compile` of `nginx/nginx:src/http/ngx_http_script.c`: `$name`, `${name}`, and `$1` to `$9`.

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// A variable, without `$` and braces; the digit of a group of the last regular expression.
    Variable(&'t str),
}

/// A `$` that no variable follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidVariable;

/// The pieces of a template, none of them empty.
///
/// # Errors
///
/// [`InvalidVariable`] where nginx says "invalid variable name", or that the closing bracket is missing.
pub fn pieces(template: &str) -> Result<Vec<Piece<'_>>, InvalidVariable> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        if dollar > 0 {
            pieces.push(Piece::Text(&rest[..dollar]));
        }
        let (name, behind) = variable(&rest[dollar + 1..]).ok_or(InvalidVariable)?;
        pieces.push(Piece::Variable(name));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// The variables of a template; none if nginx would refuse it.
pub fn variables(template: &str) -> Vec<&str> {
    let pieces = pieces(template).unwrap_or_default();
    pieces
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

/// The name at the start of a text, and what is behind it.
fn variable(text: &str) -> Option<(&str, &str)> {
    if text.starts_with(|first| matches!(first, '1'..='9')) {
        return Some(text.split_at(1));
    }
    let braced = text.strip_prefix('{');
    let inner = braced.unwrap_or(text);
    let part = |one: char| one.is_ascii_alphanumeric() || one == '_';
    let length = inner.find(|one| !part(one)).unwrap_or(inner.len());
    let (name, behind) = inner.split_at(length);
    let behind = match braced {
        Some(_) => behind.strip_prefix('}')?,
        None => behind,
    };
    (!name.is_empty()).then_some((name, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_as_nginx_does() {
        use Piece::{Text, Variable};
        let cut = pieces("a$b-${c}d$1$12").unwrap();
        let expected = [
            Text("a"),
            Variable("b"),
            Text("-"),
            Variable("c"),
            Text("d"),
            Variable("1"),
            Variable("1"),
            Text("2"),
        ];
        assert_eq!(cut, expected);
        for template in ["$", "a$", "$-", "${a", "${}", "${a-b}"] {
            assert_eq!(pieces(template), Err(InvalidVariable), "{template}");
        }
    }
}
