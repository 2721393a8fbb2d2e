//! Finds the spans of one trace by their ids.

/// Up to this many ids are looked through: the spans of a usual trace are found sooner than sorted.
const FEW: usize = 24;
/// From this many ids on they have heads.
const MANY: usize = 1024;

/// The ids of one trace; indices into its rows are "local".
#[derive(Default)]
pub(super) struct Ids {
    /// By local index.
    all: Vec<u64>,
    /// (span id, local index) of first records, sorted. Empty where there are few and none is shared.
    firsts: Vec<(u64, u32)>,
    /// Of many, where the ids of each first bits begin there, so that a search stays near in memory; and how many bits
    /// are behind those.
    heads: Vec<u32>,
    behind: u32,
    /// The first server half of each id that Zipkin's client and server share.
    shared: Vec<(u64, u32)>,
}

fn find(table: &[(u64, u32)], id: u64) -> Option<u32> {
    let at = table.partition_point(|&(other, _)| other < id);
    table.get(at).filter(|&&(other, _)| other == id).map(|&(_, local)| local)
}

impl Ids {
    /// Begins with a trace of so many spans.
    pub(super) fn begin(&mut self, spans: usize) {
        self.all.clear();
        self.all.reserve_exact(spans);
    }

    /// The id of the next local index.
    pub(super) fn push(&mut self, id: u64) {
        self.all.push(id);
    }

    /// The id of a local index.
    pub(super) fn get(&self, local: u32) -> u64 {
        self.all[local as usize]
    }

    /// Makes ready to find. `is_shared` tells server halves of shared ids by their local index; most traces have none.
    pub(super) fn index(&mut self, is_any_shared: bool, is_shared: impl Fn(usize) -> bool) {
        self.firsts.clear();
        self.shared.clear();
        self.heads.clear();
        if self.all.len() <= FEW && !is_any_shared {
            return;
        }
        for (local, &id) in self.all.iter().enumerate() {
            let table = if is_any_shared && is_shared(local) { &mut self.shared } else { &mut self.firsts };
            table.push((id, local as u32));
        }
        // Of several server halves with one id the first is the half, the others are ordinary records.
        self.shared.sort_unstable();
        let mut last = None;
        self.shared.retain(|&(id, local)| {
            let first = last.replace(id) != Some(id);
            if !first {
                self.firsts.push((id, local));
            }
            first
        });
        // Ids are mostly random, so a sort of pairs beats a hash table.
        self.firsts.sort_unstable();
        self.firsts.dedup_by_key(|entry| entry.0);
        if !self.shared.is_empty() {
            let lone: Vec<_> =
                self.shared.iter().filter(|half| find(&self.firsts, half.0).is_none()).copied().collect();
            self.firsts.extend(lone);
            self.firsts.sort_unstable();
        }
        if self.firsts.len() >= MANY {
            let bits = self.firsts.len().ilog2();
            self.behind = u64::BITS - bits;
            self.heads.resize((1 << bits) + 1, 0);
            for (id, _) in &self.firsts {
                self.heads[(id >> self.behind) as usize + 1] += 1;
            }
            for at in 1..self.heads.len() {
                self.heads[at] += self.heads[at - 1];
            }
        }
    }

    /// The first record with an id; of a shared one the client half, where it is there.
    pub(super) fn first(&self, id: u64) -> Option<u32> {
        if self.firsts.is_empty() {
            return self.all.iter().position(|&other| other == id).map(|at| at as u32);
        }
        if self.heads.is_empty() {
            return find(&self.firsts, id);
        }
        let head = (id >> self.behind) as usize;
        find(&self.firsts[self.heads[head] as usize..self.heads[head + 1] as usize], id)
    }

    /// The server half of a shared id.
    pub(super) fn server_half(&self, id: u64) -> Option<u32> {
        find(&self.shared, id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spans_are_found_as_by_looking_through(
            spans in prop::collection::vec((0..40_u64, prop::bool::weighted(0.2)), 0..90),
            zipkin in any::<bool>(),
            spread in any::<bool>(),
        ) {
            // Sorting and the looking through agree whether ids are near each other or far apart.
            let id = |n: u64| if spread { n.wrapping_mul(0x9E37_79B9_7F4A_7C15) } else { n };
            let shared = |local: usize| zipkin && spans[local].1;
            let mut ids = Ids::default();
            for &(n, _) in &spans {
                ids.push(id(n));
            }
            ids.index((0..spans.len()).any(shared), shared);
            for n in 0..40 {
                let of = |wanted: &dyn Fn(usize) -> bool| {
                    (0..spans.len()).find(|&local| spans[local].0 == n && wanted(local)).map(|at| at as u32)
                };
                let server = of(&shared);
                // A later server half of the same id is an ordinary record.
                let client = of(&|local| Some(local as u32) != server).or(server);
                prop_assert_eq!(ids.first(id(n)), client);
                prop_assert_eq!(ids.server_half(id(n)), server);
            }
        }
    }

    #[test]
    fn many_are_found_by_their_heads() {
        let mut ids = Ids::default();
        let id = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (0..5000).for_each(|n| ids.push(id(n % 4000)));
        ids.index(false, |_| false);
        assert!((0..4000).all(|n| ids.first(id(n)) == Some(n as u32)));
        assert_eq!((ids.first(id(4000)), ids.server_half(id(1))), (None, None));
        ids.begin(1);
        ids.push(7);
        ids.index(false, |_| false);
        assert_eq!((ids.first(7), ids.first(id(3))), (Some(0), None));
    }
}
