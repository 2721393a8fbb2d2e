//! Labels of time series.

use std::fmt::{self, Display, Formatter};

use crate::store::order;
use crate::traceql::ast::Static;

/// Names with values, sorted by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels(Vec<(String, Static)>);

impl Labels {
    /// Labels in any order.
    pub fn new(mut labels: Vec<(String, Static)>) -> Self {
        order::sort_by(&mut labels, |a, b| a.0.cmp(&b.0));
        Self(labels)
    }

    /// The pairs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Static)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether nothing but the function's name tells the series.
    pub(super) fn is_bare(&self) -> bool {
        self.0.iter().all(|(name, _)| name == "__name__")
    }

    /// Names the series after its function, in place of an earlier name.
    pub(super) fn named(name: &str) -> Self {
        Self(vec![("__name__".to_owned(), Static::Str(name.to_owned()))])
    }
}

impl Display for Labels {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match value {
                Static::Int(_) | Static::Bool(_) => write!(f, "{comma}{name}={value}")?,
                Static::Float(x) => write!(f, "{comma}{name}={x}")?,
                Static::Str(s) => write!(f, "{comma}{name}=\"{s}\"")?,
                other => write!(f, "{comma}{name}=\"{other}\"")?,
            }
        }
        f.write_str("}")
    }
}
