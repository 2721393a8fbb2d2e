//! Whose attributes are compared: the span's own, its parent's, its trace's root's.
//!
//! A parent or root counts once for each compared span that it stands for, so shares are of spans.

use crate::analysis::tally::Weight;
use crate::store::Store;
use crate::traceql::eval::derived;

/// The root's service in the query language.
pub(super) const ROOT_SERVICE: &str = "rootServiceName";

/// Whose attribute a key is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Relation {
    /// The span's own, or its resource's.
    Own,
    /// The parent span's.
    Parent,
    /// The main root's of its trace, where that is a root and no orphan.
    Root,
    /// A fact derived from the trace's shape.
    Derived,
}

impl Relation {
    /// Those with attributes.
    pub(super) const ALL: [Relation; 3] = [Self::Own, Self::Parent, Self::Root];

    /// What a span's field is called on this one.
    pub(super) fn field(self, own: String) -> String {
        match (self, own.as_str()) {
            (Self::Root, "name") => "rootName".to_owned(),
            (Self::Root, "resource.service.name") => ROOT_SERVICE.to_owned(),
            (Self::Root, "kind" | "status") => format!("root:{own}"),
            (Self::Root, _) => format!("root.{own}"),
            _ => own,
        }
    }

    /// The word of the script door.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "span",
            Self::Parent => "parent",
            Self::Root => "root",
            Self::Derived => "derived",
        }
    }

    /// The row whose attributes speak for `row`.
    fn of(self, store: &Store, row: u32) -> Option<u32> {
        match self {
            Self::Own => Some(row),
            Self::Parent => derived::parent(store, row),
            Self::Root => {
                let trace = store.spans().trace.get(row as usize);
                derived::true_root(store, store.trace_facts().get(trace as usize)?.main_root)
            }
            Self::Derived => None,
        }
    }

    /// Sums what each row stands for.
    pub(super) fn weights(self, store: &Store, side: &[u8], expected: &[f32]) -> Vec<Weight> {
        let mut weights: Vec<Weight> = vec![(0, 0, 0.0); side.len()];
        for (row, &side) in side.iter().enumerate().filter(|(_, side)| **side > 0) {
            let Some(speaks) = self.of(store, row as u32) else { continue };
            let weight = &mut weights[speaks as usize];
            weight.0 += 1;
            weight.1 += u32::from(side == 2);
            weight.2 += f64::from(expected[row]);
        }
        weights
    }
}
