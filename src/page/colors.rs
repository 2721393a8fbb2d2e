//! Which service has which color: one list of services for the whole page, so that a service looks the
//! same in every view.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;

/// How many service colors `style/tokens.css` has, and how many of them a name alone chooses from.
const COLORS: usize = 14;
const BASE: usize = 8;

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
        let slots = assign(&names);
        let map: HashMap<String, u32> = names.into_iter().map(str::to_owned).zip(slots).collect();
        if self.0.with_untracked(|old| **old != map) {
            self.0.set(Arc::new(map));
        }
    }

    /// The slot of a service; follows the list. One that is not in the list has the color its name hashes to.
    pub fn slot(self, service: &str) -> u32 {
        self.0.with(|slots| slots.get(service).copied()).unwrap_or_else(|| assign(&[service])[0])
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

fn assign(names: &[&str]) -> Vec<u32> {
    let mut uses = [0_u32; COLORS];
    names
        .iter()
        .map(|name| {
            let hash = name
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
            let hash = (hash ^ (hash >> 32)) as u32 as usize;
            let round = uses.iter().copied().min().unwrap_or(0);
            let probe = |from: usize, n: usize| (0..n).map(move |i| from + (hash % n + i) % n);
            let mut order = probe(0, BASE).chain(probe(BASE, COLORS - BASE));
            let slot = order.find(|&slot| uses[slot] == round).unwrap_or(0);
            uses[slot] += 1;
            slot as u32
        })
        .collect()
}
