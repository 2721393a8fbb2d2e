//! Which service has which color: one list of services for the whole page, so that a service looks the
//! same in every view.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;

use crate::paint::palette::assign;

/// The slots (`--s0` to `--s13`) of the loaded services.
#[derive(Clone, Copy)]
pub struct ServiceColors(RwSignal<Arc<HashMap<String, u32>>>);

impl ServiceColors {
    /// No service yet.
    pub fn new() -> Self {
        Self(RwSignal::new(Arc::default()))
    }

    /// The colors of the page around.
    pub fn here() -> Self {
        expect_context()
    }

    /// Takes the loaded services, in the order of their names.
    pub fn set<'a>(self, services: impl Iterator<Item = &'a str>) {
        let names: Vec<&str> = services.collect();
        let slots = assign(names.iter().copied());
        let map: HashMap<String, u32> = names.into_iter().map(str::to_owned).zip(slots).collect();
        if self.0.with_untracked(|old| **old != map) {
            self.0.set(Arc::new(map));
        }
    }

    /// The slot of a service; follows the list. One that is not in the list has the color its name hashes to.
    pub fn slot(self, service: &str) -> u32 {
        self.0.with(|slots| slots.get(service).copied()).unwrap_or_else(|| assign([service])[0])
    }

    /// The class that sets `--service`: `s0` to `s13`.
    pub fn class(self, service: &str) -> String {
        format!("s{}", self.slot(service))
    }
}

impl Default for ServiceColors {
    fn default() -> Self {
        Self::new()
    }
}
