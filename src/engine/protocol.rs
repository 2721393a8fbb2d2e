//! Every request and every reply, as plain data.
//!
//! The wire form is JSON text: the page's views, embedding pages and a person at the console speak the
//! same words (`docs/script-api.md`). Scenes and files travel as typed arrays beside the text.
//!
//! Conventions: absolute times are decimal text in nanoseconds since the epoch ([`Ns`]), durations are
//! numbers in nanoseconds, ids are lower-case hex text, no value is null.

mod answers;
mod report;
mod requests;
mod values;

pub use answers::*;
pub use report::{FileRow, OpenOptions, Oversize, Part, Place, Problem, Progress, Report};
pub use requests::*;
pub use values::{AttributeMap, to_json};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Nanoseconds since the epoch; decimal text on the wire, because a JavaScript number keeps 53 bits only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ns(pub u64);

impl Serialize for Ns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Ns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Text(String),
            Number(u64),
        }
        match Wire::deserialize(deserializer) {
            Ok(Wire::Number(n)) => Ok(Self(n)),
            Ok(Wire::Text(text)) => text.parse().map(Self).map_err(|_| {
                D::Error::custom(format!(
                    "expected nanoseconds since the epoch as decimal text, found \"{text}\""
                ))
            }),
            Err(_) => Err(D::Error::custom("expected nanoseconds since the epoch as decimal text")),
        }
    }
}

/// What every answer carries beside its body, as fields of the same JSON object.
///
/// Head and body are written and read apart and only spliced as text: serde's own flattening buffers every
/// answer in between and costs a copy of its machinery for each type.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Head {
    /// Grows with each seal of the data.
    #[serde(default)]
    pub generation: u64,
    /// How far reading has come, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
}

/// An answer with its head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope<T> {
    /// What every answer carries.
    pub head: Head,
    /// The answer.
    pub body: T,
}

impl<T: Serialize> Envelope<T> {
    /// The wire form; the body must be an object.
    pub fn print(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string(&self.head)?;
        let body = serde_json::to_string(&self.body)?;
        if let Some(fields) = body.strip_prefix('{').filter(|fields| *fields != "}") {
            text.pop();
            text.push(',');
            text.push_str(fields);
        }
        Ok(text)
    }
}

impl<T: for<'de> Deserialize<'de>> Envelope<T> {
    /// Reads the wire form.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Self { head: serde_json::from_str(text)?, body: serde_json::from_str(text)? })
    }
}

/// How far reading has come.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Partial {
    /// Bytes read of all sources that are open now.
    pub bytes_read: u64,
    /// Their sizes, where known.
    pub bytes_total: u64,
}

/// A request with the type of its answer, so that the page asks without casting.
pub trait Question: Into<Request> {
    /// What the engine gives back.
    type Answer: for<'de> Deserialize<'de> + 'static;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_body_are_one_object() {
        let body = ExceptionsAnswer::default();
        let head = Head { generation: 7, partial: Some(Partial { bytes_read: 1, bytes_total: 2 }) };
        let envelope = Envelope { head, body };
        let text = envelope.print().unwrap();
        assert_eq!(text, r#"{"generation":7,"partial":{"bytes_read":1,"bytes_total":2},"rows":[]}"#);
        assert_eq!(Envelope::read(&text).unwrap(), envelope);
        let empty = Envelope { head: Head::default(), body: serde_json::json!({}) };
        assert_eq!(empty.print().unwrap(), r#"{"generation":0}"#);
    }
}
