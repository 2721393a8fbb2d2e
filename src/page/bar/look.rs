//! What the bar shows, as plain data.

use crate::engine::protocol::{CompleteAnswer, ExplainAnswer, ParseAnswer};
use crate::page::format;

/// What the list under the bar holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// There is none.
    #[default]
    Closed,
    /// There is none, but what can be done with the text is offered.
    Buttons,
    /// Completions of the word at the caret.
    Complete,
    /// Saved and recent queries.
    Kept,
    /// Examples of the language.
    Help,
    /// How many spans each part matches.
    Explain,
    /// A field for the name to save under.
    Save,
}

/// One line of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The heading that it stands under.
    pub head: &'static str,
    /// The text to put in.
    pub text: String,
    /// Class of its color: the kind of a completion; "" for whole queries, which are colored as queries.
    pub kind: String,
    /// What stands at its right.
    pub detail: String,
    /// The bytes of the text that it takes the place of; none for whole queries.
    pub place: Option<(usize, usize)>,
    /// Whether it can be forgotten.
    pub kept: bool,
}

impl Choice {
    /// A choice that is a whole query.
    pub fn whole(head: &'static str, text: &str, detail: &str) -> Self {
        Self { head, text: text.to_owned(), detail: detail.to_owned(), ..Self::default() }
    }

    /// Completions as choices.
    pub fn completions(answer: CompleteAnswer) -> Vec<Self> {
        let place = Some((answer.from, answer.to));
        let choice = |item: crate::engine::protocol::CompleteItem| Self {
            text: item.insert,
            kind: item.kind,
            detail: item.detail,
            place,
            ..Self::default()
        };
        answer.items.into_iter().map(choice).collect()
    }

    /// What is put in: what follows a finished word is typed for the person.
    pub fn insertion(&self, after: &str) -> String {
        let open = self.kind == "scope" || self.text.ends_with([' ', '(', '.']);
        let space = if open || after.starts_with(' ') { "" } else { " " };
        format!("{}{space}", self.text)
    }
}

/// What the bar shows.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The text that stands in the field.
    pub text: String,
    /// Whether the field has the focus.
    pub focus: bool,
    /// What the list holds.
    pub mode: Mode,
    /// Its lines.
    pub choices: Vec<Choice>,
    /// The line that the arrow keys have reached.
    pub active: Option<usize>,
    /// What the engine says of the text; while it is asked, of the text before: what is shown stays until there
    /// is something better.
    pub verdict: Option<ParseAnswer>,
    /// How much matches, or why that cannot be said; the last known while it is asked.
    pub count: Option<Result<ExplainAnswer, String>>,
}

impl Look {
    /// The TraceQL that the text means, if it means any.
    pub fn meaning(&self) -> Option<&str> {
        let verdict = self.verdict.as_ref()?;
        if verdict.valid { Some(self.text.trim()) } else { verdict.translated.as_deref() }
    }

    /// What does not fit, unless the text is only unfinished or means something all the same.
    pub fn wrong(&self) -> Option<(usize, usize)> {
        let error = self.verdict.as_ref().filter(|v| v.translated.is_none())?.error.as_ref()?;
        (error.at < self.text.trim_end().len()).then_some((error.at, error.end))
    }

    /// "214 of 3,740 spans".
    pub fn counted(&self) -> String {
        match &self.count {
            Some(Ok(count)) => {
                format!("{} of {}", format::count(count.matched), format::counted(count.of, "span"))
            }
            _ => String::new(),
        }
    }
}

/// A sentence under the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The text cannot be asked.
    Wrong(String),
    /// The text is not finished.
    Unfinished(String),
    /// The TraceQL of a friendly form.
    Means(String),
}

/// What of a look is seen. Every key changes the look, and far from every change is one to the eye: only this
/// is drawn anew, and only where it changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Whether no text is in the field.
    pub empty: bool,
    /// Whether the text is not the query that was applied.
    pub draft: bool,
    /// [`Look::counted`].
    pub counted: String,
    /// What is under the text, while the focus is here.
    pub panel: Option<Panel>,
}

/// What is seen under the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What it says first.
    pub said: Option<Said>,
    /// What the list holds.
    pub mode: Mode,
    /// Its lines.
    pub choices: Vec<Choice>,
    /// The line that the arrow keys have reached.
    pub active: Option<usize>,
    /// How much each part matches, where that is listed.
    pub explained: Option<ExplainAnswer>,
    /// Whether the text means anything.
    pub means: bool,
}

impl Look {
    /// What is seen of it beside a query that was applied.
    pub fn seen(&self, applied: &str) -> Seen {
        let said = self.said();
        let explained = match &self.count {
            Some(Ok(count)) if self.mode == Mode::Explain => Some(count.clone()),
            _ => None,
        };
        let side = Seen {
            empty: self.text.is_empty(),
            draft: self.text.trim() != applied,
            counted: self.counted(),
            panel: None,
        };
        let idle = match self.mode {
            Mode::Closed => true,
            Mode::Buttons => self.meaning().is_none(),
            _ => false,
        };
        if !self.focus || idle && said.is_none() {
            return side;
        }
        let panel = Panel {
            said,
            mode: self.mode,
            choices: self.choices.clone(),
            active: self.active,
            explained,
            means: self.meaning().is_some(),
        };
        Seen { panel: Some(panel), ..side }
    }

    /// What is wrong, or what a friendly form means.
    fn said(&self) -> Option<Said> {
        if let Some(Err(why)) = &self.count {
            return Some(Said::Wrong(why.clone()));
        }
        let verdict = self.verdict.as_ref()?;
        if let Some(translated) = &verdict.translated {
            return Some(Said::Means(translated.clone()));
        }
        let text = first_upper(&verdict.error.as_ref()?.message);
        match (self.wrong(), self.mode) {
            (Some(_), _) => Some(Said::Wrong(text)),
            // What is only unfinished needs no word while completions say how it goes on.
            (None, Mode::Complete) => None,
            (None, _) => Some(Said::Unfinished(text)),
        }
    }
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The byte offset of an offset in UTF-16 units, as fields count.
pub fn byte_at(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left < c.len_utf16() {
            return at;
        }
        left -= c.len_utf16();
    }
    text.len()
}

/// The offset in UTF-16 units of a byte offset.
pub fn units_at(text: &str, byte: usize) -> u32 {
    text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, c)| c.len_utf16() as u32).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_both_ways() {
        let text = "a µ 💥 z";
        for (at, _) in text.char_indices() {
            assert_eq!(byte_at(text, units_at(text, at)), at);
        }
        assert_eq!(byte_at(text, 99), text.len());
        assert_eq!(units_at(text, text.len()), 8);
    }

    #[test]
    fn what_is_unfinished_is_not_wrong() {
        let look = |text: &str, at: usize| Look {
            text: text.to_owned(),
            verdict: Some(ParseAnswer {
                error: Some(crate::engine::protocol::ParseError { at, end: at + 1, ..Default::default() }),
                ..ParseAnswer::default()
            }),
            ..Look::default()
        };
        assert_eq!(look("{ name = ", 9).wrong(), None);
        assert_eq!(look("{ x y }", 2).wrong(), Some((2, 3)));
        assert_eq!(look("{ x y }", 2).meaning(), None);
    }

    #[test]
    fn what_is_not_seen_is_not_drawn_anew() {
        let look = |text: &str, focus| Look {
            text: text.to_owned(),
            focus,
            mode: Mode::Complete,
            choices: vec![Choice::whole("", "name", "")],
            verdict: Some(ParseAnswer { valid: true, ..ParseAnswer::default() }),
            ..Look::default()
        };
        // Another letter alone changes nothing but the text.
        assert_eq!(look("{ n", true).seen("{ }"), look("{ na", true).seen("{ }"));
        assert!(look("{ n", true).seen("{ }").panel.is_some() && look("{ n", true).seen("{ }").draft);
        let idle = |mode| Look { mode, ..look("{ }", true) }.seen("").panel.is_some();
        assert!(idle(Mode::Buttons) && !idle(Mode::Closed));
        let away = look("{ }", false).seen("{ }");
        assert!(away.panel.is_none() && !away.draft);
        let wrong = Look { verdict: None, count: Some(Err("no".into())), ..look("x", true) };
        assert_eq!(wrong.seen("").panel.and_then(|p| p.said), Some(Said::Wrong("no".into())));
    }

    #[test]
    fn a_finished_word_is_followed_by_a_space() {
        let check = |text: &str, kind: &str, after: &str, want: &str| {
            let choice = Choice { text: text.into(), kind: kind.into(), ..Choice::default() };
            assert_eq!(choice.insertion(after), want);
        };
        check("span.", "scope", "", "span.");
        check("name", "intrinsic", "", "name ");
        check("name", "intrinsic", " = 1", "name");
        check("avg(", "function", "", "avg(");
        check("{ ", "operator", "", "{ ");
    }
}
