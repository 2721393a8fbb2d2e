//! What is kept of the trace on screen, so that scrolling and panning cost little.

use super::{Desk, Error};
use crate::analysis::{Asynchronous, trace_self_times};
use crate::scene::flame::Layout;

/// Which spans of the tree have their children folded away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fold {
    /// Spans at this depth and deeper are folded.
    pub(super) depth: Option<u32>,
    /// Places whose fold is the opposite, ascending.
    pub(super) toggled: Vec<u32>,
}

impl Fold {
    /// Whether the span at a place has its children folded away.
    pub(super) fn is_folded(&self, place: u32, depth: u32) -> bool {
        let by_depth = depth > 0 && self.depth.is_some_and(|from| depth >= from);
        by_depth != self.toggled.binary_search(&place).is_ok()
    }
}

/// A trace with what was derived from it.
#[derive(Debug)]
pub(super) struct ShownTrace {
    pub(super) trace: u32,
    /// Self times by place.
    pub(super) own: Vec<u64>,
    pub(super) layout: Option<Layout>,
    /// Places of the visible rows of the last fold.
    pub(super) visible: Option<(Fold, Vec<u32>)>,
}

impl Desk {
    /// The trace on screen; another one takes its place.
    pub(super) fn shown(&mut self, trace: u32) -> &mut ShownTrace {
        if self.shown.as_ref().is_none_or(|s| s.trace != trace) {
            let store = self.builder.store();
            let own = trace_self_times(store, store.trace(trace), Asynchronous::Include);
            self.shown = Some(ShownTrace { trace, own, layout: None, visible: None });
        }
        // Just put there if it was missing.
        self.shown.get_or_insert_with(|| ShownTrace { trace, own: Vec::new(), layout: None, visible: None })
    }

    /// The flamegraph's layout of a trace.
    pub(super) fn laid_out(&mut self, trace: u32) -> Result<&Layout, Error> {
        if self.shown(trace).layout.is_none() {
            let layout = Layout::build(self.builder.store(), trace);
            self.shown(trace).layout = Some(layout);
        }
        self.shown.as_ref().and_then(|s| s.layout.as_ref()).ok_or_else(|| Error::NoTrace(String::new()))
    }

    /// Places of the tree's visible rows under a fold.
    pub(super) fn visible(&mut self, trace: u32, fold: Fold) -> &[u32] {
        if self.shown(trace).visible.as_ref().is_none_or(|(f, _)| *f != fold) {
            let shape = self.builder.store().trace(trace);
            let depths = shape.depths();
            let mut places = Vec::new();
            let mut place = 0;
            while place < shape.len() {
                places.push(place as u32);
                let folded = fold.is_folded(place as u32, depths[place]);
                place = if folded { shape.subtree_end(place) } else { place + 1 };
            }
            self.shown(trace).visible = Some((fold, places));
        }
        self.shown.as_ref().and_then(|s| s.visible.as_ref()).map_or(&[], |(_, places)| places)
    }
}
