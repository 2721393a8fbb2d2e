//! Query text to tokens (traceql.md §1): the whole text at once, so that a bad token is told with its
//! place before any grammar is tried. Attribute names are cut here, because which characters belong to
//! a name depends on what precedes it.

mod number;
mod text;

pub use number::{format_duration, parse_duration};

use super::Error;
use super::ast::{AttrScope, Static};
use super::words;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// An operator or bracket, one of [`words::TOKENS`].
    Op(&'static str),
    /// A bare word.
    Word(String),
    /// `span:` and its like; the word follows as a token of its own.
    Colon(&'static str),
    /// A named attribute.
    Attr {
        /// Whether `parent.` stands before it.
        parent: bool,
        /// Where to look.
        scope: AttrScope,
        /// Its key, without quotes.
        name: String,
    },
    /// A number, duration or string.
    Literal(Static),
    /// The end of the text.
    End,
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Byte offset of its first character.
    pub at: usize,
    /// Byte offset behind its last character.
    pub end: usize,
}

impl Kind {
    /// The token as an error message names it.
    pub fn describe(&self) -> String {
        match self {
            Self::Op(op) => format!("\"{op}\""),
            Self::Word(word) => format!("\"{word}\""),
            Self::Colon(scope) => format!("\"{scope}:\""),
            Self::Attr { scope, name, .. } => format!("attribute {}{name}", scope.prefix()),
            Self::Literal(value) => format!("{value}"),
            Self::End => "the end of the query".to_owned(),
        }
    }
}

/// Cuts `text` into tokens; the last one is [`Kind::End`].
pub fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let end = token.kind == Kind::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error<T>(&self, what: impl Into<String>, suggestion: Option<&str>) -> Result<T, Error> {
        Err(Error::Token { what: what.into(), at: self.at, suggestion: suggestion.map(str::to_owned) })
    }

    fn skip_blank(&mut self) -> Result<(), Error> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                match trimmed.find("*/") {
                    Some(n) if n >= 2 => self.at += n + 2,
                    _ => match trimmed.get(2..).and_then(|t| t.find("*/")) {
                        Some(n) => self.at += n + 4,
                        None => {
                            return self.error(
                                "expected */ at the end of the comment, found the end of the query",
                                None,
                            );
                        }
                    },
                }
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Token, Error> {
        self.skip_blank()?;
        let at = self.at;
        let kind = self.kind()?;
        Ok(Token { kind, at, end: self.at })
    }

    fn kind(&mut self) -> Result<Kind, Error> {
        let rest = self.rest();
        let Some(c) = self.peek() else { return Ok(Kind::End) };
        let second = rest.as_bytes().get(1).copied().unwrap_or(0);
        if c == '"' || c == '`' {
            return self.string().map(|s| Kind::Literal(Static::Str(s)));
        }
        if c.is_ascii_digit() || c == '.' && second.is_ascii_digit() {
            return self.number().map(Kind::Literal);
        }
        if c == '.' {
            self.at += 1;
            return self.attribute(false, AttrScope::Any);
        }
        if c == '_' || c.is_alphabetic() {
            return self.word();
        }
        if let Some(op) = words::TOKENS.iter().find(|op| rest.starts_with(**op)) {
            self.at += op.len();
            return Ok(Kind::Op(op));
        }
        match c {
            '\'' => self.error(
                "expected a string in double quotes, found a single quote",
                Some("a string needs double quotes"),
            ),
            '#' => {
                self.error("expected an operator or a value, found \"#\"", Some("a comment begins with //"))
            }
            '&' => self.error("expected an operator, found \"&\"", Some("did you mean &&?")),
            _ => self.error(format!("expected a token, found {c:?}"), None),
        }
    }

    fn word(&mut self) -> Result<Kind, Error> {
        let rest = self.rest();
        let len = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..len];
        let after = rest.as_bytes().get(len).copied();
        if after == Some(b'.') {
            if word == "parent" {
                self.at += len + 1;
                let scope = self.scope_prefix().unwrap_or(AttrScope::Any);
                return self.attribute(true, scope);
            }
            if let Some(scope) = self.scope_prefix() {
                return self.attribute(false, scope);
            }
        }
        if after == Some(b':')
            && let Some(scope) = words::COLON_SCOPES.iter().find(|s| **s == word)
        {
            self.at += len + 1;
            return Ok(Kind::Colon(scope));
        }
        self.at += len;
        Ok(Kind::Word(word.to_owned()))
    }

    /// Steps over `span.` and its like.
    fn scope_prefix(&mut self) -> Option<AttrScope> {
        let rest = self.rest();
        let (prefix, scope) =
            words::SCOPES.iter().find(|(p, s)| *s != AttrScope::Any && rest.starts_with(p))?;
        self.at += prefix.len();
        Some(*scope)
    }

    /// The name after a scope: it runs to white space or an operator character; quoted pieces may stand
    /// anywhere in it (traceql.md §1.1).
    fn attribute(&mut self, parent: bool, scope: AttrScope) -> Result<Kind, Error> {
        let mut name = String::new();
        let mut quoted = false;
        while let Some(c) = self.peek() {
            if c == '"' {
                quoted = true;
                self.quoted_piece(&mut name)?;
            } else if c.is_whitespace() || "{}()=~!<>&|^,".contains(c) {
                break;
            } else {
                name.push(c);
                self.at += c.len_utf8();
            }
        }
        if name.is_empty() && !quoted {
            return self.error("expected an attribute name after the dot, found none", None);
        }
        Ok(Kind::Attr { parent, scope, name })
    }

    fn quoted_piece(&mut self, name: &mut String) -> Result<(), Error> {
        let mut chars = self.rest().char_indices();
        chars.next();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    return Ok(());
                }
                '\\' => {
                    let Some((_, c @ ('"' | '\\'))) = chars.next() else {
                        self.at += i;
                        return self
                            .error("expected \\\" or \\\\ in a quoted name, found another escape", None);
                    };
                    name.push(c);
                }
                c => name.push(c),
            }
        }
        self.error("expected a closing double quote, found the end of the query", None)
    }
}
