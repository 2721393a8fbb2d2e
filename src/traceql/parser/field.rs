//! Field expressions: operator precedence with an explicit stack (traceql.md §3). As in a yacc grammar an
//! arriving operator is weighed only against the operator on top of the stack; that is what makes
//! `-.a * .b` read as `-(.a * .b)`.

use super::Parser;
use crate::traceql::Error;
use crate::traceql::ast::{Attr, BinOp, Field, Node, Static};
use crate::traceql::fold::push_folded;
use crate::traceql::lexer::Kind;
use crate::traceql::words;

enum Open {
    Bracket(usize),
    Neg(usize),
    Not(usize),
    Bin(BinOp, usize),
    /// `nil =` (false) or `nil !=` (true), waiting for its operand.
    NilIs(bool, usize),
}

impl Open {
    fn level(&self) -> u8 {
        match self {
            Self::Bracket(_) => 0,
            Self::NilIs(..) => 3,
            Self::Neg(_) => 4,
            Self::Not(_) => 5,
            Self::Bin(op, _) => op.level(),
        }
    }

    fn reduce(self, field: &mut Field) {
        let (node, at) = match self {
            Self::Bracket(_) => return,
            Self::Neg(at) => (Node::Neg, at),
            Self::Not(at) => (Node::Not, at),
            Self::Bin(op, at) => (Node::Bin(op), at),
            Self::NilIs(exists, at) => (Node::Exists(exists), at),
        };
        push_folded(field, node, at);
    }
}

impl Parser<'_> {
    /// An expression up to the closing bracket, brace or comma that is not its own.
    pub(super) fn field(&mut self) -> Result<Field, Error> {
        let mut field = Field { nodes: Vec::new(), at: Vec::new() };
        let mut open: Vec<Open> = Vec::new();
        'operand: loop {
            let at = self.here();
            if self.take_op("(") {
                open.push(Open::Bracket(at));
                continue;
            }
            if self.take_op("-") {
                open.push(Open::Neg(at));
                continue;
            }
            if self.take_op("!") {
                open.push(Open::Not(at));
                continue;
            }
            if self.word() == Some("nil") {
                self.step();
                let exists = match self.kind() {
                    Kind::Op("=") => false,
                    Kind::Op("!=") => true,
                    _ => return self.unexpected("= or != after nil"),
                };
                let at = self.here();
                self.step();
                if self.word() == Some("nil") {
                    self.step();
                    // Both `nil = nil` and `nil != nil` are false (traceql.md §6.2).
                    push_folded(&mut field, Node::Static(Static::Bool(false)), at);
                } else {
                    open.push(Open::NilIs(exists, at));
                    continue;
                }
            } else {
                let node = self.operand()?;
                push_folded(&mut field, node, at);
            }
            loop {
                let at = self.here();
                if self.is_op(")") {
                    if !open.iter().any(|o| matches!(o, Open::Bracket(_))) {
                        break 'operand;
                    }
                    self.step();
                    while let Some(top) = open.pop() {
                        if matches!(top, Open::Bracket(_)) {
                            break;
                        }
                        top.reduce(&mut field);
                    }
                    continue;
                }
                let Kind::Op(token) = self.kind() else { break 'operand };
                let Some(op) = BinOp::from_token(token) else { break 'operand };
                let level = op.level();
                while let Some(top) = open.last() {
                    let right = op == BinOp::Pow;
                    if top.level() > level || top.level() == level && !right {
                        if let Some(top) = open.pop() {
                            top.reduce(&mut field);
                        }
                    } else {
                        break;
                    }
                }
                self.step();
                if self.word() == Some("nil") && !matches!(self.kind_after(1), Kind::Op("=" | "!=")) {
                    let exists = match op {
                        BinOp::Eq => false,
                        BinOp::Ne => true,
                        _ => {
                            return self
                                .unexpected_with("a value", Some("nil goes only with = and !=".to_owned()));
                        }
                    };
                    self.step();
                    push_folded(&mut field, Node::Exists(exists), at);
                    continue;
                }
                if self.word() == Some("nil") && matches!(op, BinOp::Eq | BinOp::Ne) {
                    self.step();
                    push_folded(&mut field, Node::Exists(op == BinOp::Ne), at);
                    continue;
                }
                open.push(Open::Bin(op, at));
                continue 'operand;
            }
        }
        while let Some(top) = open.pop() {
            if let Open::Bracket(at) = top {
                let found = self.kind().describe();
                let suggestion = Some(format!("the bracket at byte {at} is still open"));
                let expected = "an operator or \")\"".to_owned();
                return Err(Error::Unexpected { expected, found, at: self.here(), suggestion });
            }
            top.reduce(&mut field);
        }
        Ok(field)
    }

    fn operand(&mut self) -> Result<Node, Error> {
        if let Kind::Literal(value) = self.kind() {
            let node = Node::Static(value.clone());
            self.step();
            return Ok(node);
        }
        if let Some(value) = self.word().and_then(words::literal) {
            self.step();
            return Ok(Node::Static(value));
        }
        self.attr().map(Node::Attr)
    }

    /// An attribute or intrinsic.
    pub(super) fn attr(&mut self) -> Result<Attr, Error> {
        let attr = match self.kind() {
            Kind::Attr { parent: true, scope, name } => Attr::Parent { scope: *scope, name: name.clone() },
            Kind::Attr { parent: false, scope, name } => Attr::Named { scope: *scope, name: name.clone() },
            Kind::Colon(scope) => return self.scoped_intrinsic(scope),
            Kind::Word(word) => match words::intrinsic(word) {
                Some(intrinsic) => Attr::Intrinsic(intrinsic),
                None => {
                    return self.unexpected_with("an attribute, intrinsic or value", Some(self.guess(word)));
                }
            },
            _ => return self.unexpected("an attribute, intrinsic or value"),
        };
        self.step();
        Ok(attr)
    }

    fn scoped_intrinsic(&mut self, scope: &str) -> Result<Attr, Error> {
        self.step();
        let word = self.word().unwrap_or("");
        if let Some(intrinsic) = words::intrinsic(&format!("{scope}:{word}")) {
            self.step();
            return Ok(Attr::Intrinsic(intrinsic));
        }
        let start = format!("{scope}:");
        let known: Vec<&str> =
            words::INTRINSICS.iter().filter_map(|(text, _)| text.strip_prefix(start.as_str())).collect();
        let near = words::nearest(word, known.iter().copied()).map(|w| format!("did you mean {start}{w}?"));
        self.unexpected_with(&format!("one of {} after {start}", known.join(", ")), near)
    }

    /// What an unknown bare word was probably meant to be.
    fn guess(&self, word: &str) -> String {
        let lower = word.to_lowercase();
        if lower != word && (words::literal(&lower).is_some() || lower == "nil") {
            return format!("did you mean {lower}?");
        }
        if let Kind::Attr { scope: crate::traceql::ast::AttrScope::Any, name, .. } = self.kind_after(1)
            && self.tokens.get(self.at + 1).is_some_and(|next| next.at == self.token().end)
        {
            let scope = if word == "service" { "resource" } else { "" };
            return format!("did you mean {scope}.{word}.{name}?");
        }
        let bare = words::INTRINSICS.iter().map(|(text, _)| *text).filter(|text| *text != "parent");
        let names = bare.chain([
            "true", "false", "error", "unset", "server", "client", "producer", "consumer", "internal",
        ]);
        if let Some(near) = words::nearest(word, names) {
            return format!("did you mean {near}?");
        }
        if self.at > 0
            && matches!(self.tokens[self.at - 1].kind, Kind::Op(op) if BinOp::from_token(op).is_some())
        {
            return "a string needs double quotes".to_owned();
        }
        format!("did you mean .{word}?")
    }
}
