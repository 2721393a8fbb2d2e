//! Every request and every reply, as plain data.
//!
//! The wire form is JSON text: the page's views, embedding pages and a person at the console speak the
//! same words (`docs/script-api.md`). Scenes and files travel as typed arrays beside the text.
//!
//! Conventions: absolute times are decimal text in nanoseconds since the epoch ([`Ns`]), durations are
//! numbers in nanoseconds, ids are lower-case hex text, no value is null.

mod answers;
mod choices;
mod report;
mod requests;
mod values;
pub mod wire;

pub use answers::*;
pub use choices::*;
pub use report::{FileRow, OpenOptions, Oversize, Part, Place, Problem, Progress, Report};
pub use requests::*;
pub use values::{AttributeMap, to_json, to_map};

use wire::{Put, Take, Wrong, wire};

/// Nanoseconds since the epoch; decimal text on the wire, because a JavaScript number keeps 53 bits only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ns(pub u64);

/// What every answer carries beside its body, as fields of the same JSON object.
///
/// Head and body are written and read apart and only spliced as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Grows with each seal of the data.
    pub generation: u64,
    /// How far reading has come, while it goes on.
    pub partial: Option<Partial>,
}

wire!(Head { generation } sparse { partial });

/// An answer with its head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope<T> {
    /// What every answer carries.
    pub head: Head,
    /// The answer.
    pub body: T,
}

impl<T: Put> Envelope<T> {
    /// The wire form; the body must be an object.
    pub fn print(&self) -> String {
        splice(&self.head, &self.body)
    }
}

fn splice(head: &Head, body: &dyn Put) -> String {
    let mut text = wire::print(head);
    text.pop();
    let begin = text.len();
    body.put(&mut text);
    // The body's brace becomes the comma between the fields of both.
    let fields = if text[begin..].starts_with("{}") { "" } else { "," };
    text.replace_range(begin..=begin, fields);
    text
}

fn behead(json: &mut serde_json::Value) -> Result<Head, Wrong> {
    let mut head = AttributeMap::new();
    if let Some(fields) = json.as_object_mut() {
        for name in ["generation", "partial"] {
            head.extend(fields.remove_entry(name));
        }
    }
    Head::take(head.into())
}

impl<T: Take> Envelope<T> {
    /// Reads the wire form.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        let mut json = wire::parse(text)?;
        let head = behead(&mut json)?;
        Ok(Self { head, body: T::take(json)? })
    }
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Partial {
    /// Bytes read of all sources that are open now.
    pub bytes_read: u64,
    /// Their sizes, where known.
    pub bytes_total: u64,
}

wire!(Partial { bytes_read, bytes_total });

/// A request with the type of its answer, so that the page asks without casting.
pub trait Question: Into<Request> {
    /// What the engine gives back.
    type Answer: Take + 'static;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_body_are_one_object() {
        let body = ExceptionsAnswer::default();
        let head = Head { generation: 7, partial: Some(Partial { bytes_read: 1, bytes_total: 2 }) };
        let envelope = Envelope { head, body };
        let text = envelope.print();
        assert_eq!(text, r#"{"generation":7,"partial":{"bytes_read":1,"bytes_total":2},"rows":[]}"#);
        assert_eq!(Envelope::read(&text).unwrap(), envelope);
        let empty = Envelope { head: Head::default(), body: AttributeMap::new() };
        assert_eq!(empty.print(), r#"{"generation":0}"#);
    }
}
