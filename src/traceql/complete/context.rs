//! What stands at the end of an unfinished query: which kind of thing comes next, and how much of it is
//! typed already. The text need not parse, so this looks only at brackets and the last tokens.

use crate::traceql::ast::{Attr, AttrScope, BinOp, Intrinsic};
use crate::traceql::lexer::{Kind, Token, tokens};
use crate::traceql::words;

/// What can come next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// Nothing stands before the word.
    Start,
    /// Among the words of a friendly form: an attribute or intrinsic.
    Bare,
    /// Inside braces: an attribute, intrinsic or value.
    Operand,
    /// In the brackets of a function: an attribute or intrinsic.
    Attribute,
    /// Inside braces behind a value.
    Operator,
    /// A value of this attribute; true inside an open string.
    Value(Attr, bool),
    /// Behind `|`.
    Stage,
    /// Behind a spanset.
    Join,
}

/// Where the typed word begins, and what it can become.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Context {
    pub(super) from: usize,
    pub(super) place: Place,
}

impl Context {
    pub(super) fn new(text: &str) -> Self {
        if let Some(quote) = open_string(text) {
            let list = tokens(&text[..quote]).unwrap_or_default();
            if let Some(attr) = compared(&list) {
                return Self { from: quote, place: Place::Value(attr, true) };
            }
            // A quoted piece of an attribute's name.
            return Self { from: word_start(&text[..quote]), place: Place::Operand };
        }
        let from = word_start(text);
        let list = tokens(&text[..from]).unwrap_or_default();
        Self { from, place: place(&list) }
    }
}

fn place(list: &[Token]) -> Place {
    let list = match list.split_last() {
        Some((last, rest)) if last.kind == Kind::End => rest,
        _ => list,
    };
    let Some(last) = list.last() else { return Place::Start };
    let (mut braces, mut brackets) = (0i32, 0i32);
    for token in list {
        match token.kind {
            Kind::Op("{") => braces += 1,
            Kind::Op("}") => braces -= 1,
            Kind::Op("(") => brackets += 1,
            Kind::Op(")") => brackets -= 1,
            _ => {}
        }
    }
    if braces > 0 {
        if let Some(attr) = compared(list) {
            return Place::Value(attr, false);
        }
        return match last.kind {
            Kind::Op(")") | Kind::Attr { .. } | Kind::Word(_) | Kind::Literal(_) => Place::Operator,
            _ => Place::Operand,
        };
    }
    // Without a bracket so far it may become one of the friendly forms.
    let opened = |t: &Token| matches!(t.kind, Kind::Op("{" | "(" | "|"));
    if !list.iter().any(opened) {
        return compared(list).map_or(Place::Bare, |attr| Place::Value(attr, false));
    }
    let function = |n: usize| matches!(list.iter().rev().nth(n).map(|t| &t.kind), Some(Kind::Word(_)));
    match last.kind {
        Kind::Op("|") => Place::Stage,
        Kind::Op("(") if function(1) => Place::Attribute,
        Kind::Op(",") if brackets > 0 => Place::Attribute,
        Kind::Op("}" | ")") | Kind::Literal(_) | Kind::Word(_) => Place::Join,
        _ => Place::Start,
    }
}

/// The attribute whose comparison the tokens end in.
fn compared(list: &[Token]) -> Option<Attr> {
    let mut back = list.iter().rev().map(|t| &t.kind).filter(|k| **k != Kind::End);
    let Some(Kind::Op(op)) = back.next() else { return None };
    BinOp::from_token(op).filter(|op| op.is_order() || matches!(op, BinOp::Match | BinOp::NotMatch))?;
    match back.next()? {
        Kind::Attr { parent: false, scope, name } => Some(Attr::Named { scope: *scope, name: name.clone() }),
        Kind::Word(word) => {
            let scoped = match back.next() {
                Some(Kind::Colon(scope)) => words::intrinsic(&format!("{scope}:{word}")),
                _ => None,
            };
            match word.as_str() {
                // As the friendly forms read them.
                "service" => {
                    Some(Attr::Named { scope: AttrScope::Resource, name: "service.name".to_owned() })
                }
                "dur" => Some(Attr::Intrinsic(Intrinsic::Duration)),
                _ => scoped.or_else(|| words::intrinsic(word)).map(Attr::Intrinsic),
            }
        }
        _ => None,
    }
}

/// The byte offset of a double quote that is still open.
fn open_string(text: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (open, c) {
            (None, '"') => open = Some(at),
            (Some(_), '"') if !escaped => open = None,
            _ => {}
        }
        escaped = open.is_some() && c == '\\' && !escaped;
    }
    open
}

fn word_start(text: &str) -> usize {
    let stop = |c: char| c.is_whitespace() || "{}()=~!<>&|^,".contains(c);
    text.char_indices().rev().find(|(_, c)| stop(*c)).map_or(0, |(at, c)| at + c.len_utf8())
}
