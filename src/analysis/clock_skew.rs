//! Clock skew between hosts: by how much the spans of a trace would have to move to fit their parents.
//!
//! Jaeger's adjuster (semantics.md §8). Only deltas are answered: nothing in the store moves, and views that
//! use them show the raw place too. Along each tree a delta is carried; a child on its parent's host inherits
//! it. Elsewhere, with the parent's start already adjusted: a child longer than its parent is moved to the
//! parent's start where it starts before it; a child inside its parent stays; any other is put into the
//! middle, as if the way there and back took equally long.

use crate::model::SpanKind;
use crate::store::{AttrId, KeyId, ResourceId, Store, Trace};

/// Resource attributes that name a host, the surest first.
const HOST_KEYS: [&str; 3] = ["host.id", "host.ip", "host.name"];

/// Between which spans skew is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SkewRule {
    /// Only from CLIENT to SERVER spans on different, known hosts; all others move with their parent.
    #[default]
    ClientToServer,
    /// Between all spans that are not known to be on one host, as Jaeger does.
    Jaeger,
}

/// The deltas of one trace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClockSkew {
    /// By place in the trace's rows: nanoseconds to add to start, end and events; 0 where nothing moves.
    pub deltas: Vec<i64>,
    /// Places whose delta was beyond the limit, with that delta; they stay.
    pub refused: Vec<(u32, i64)>,
}

/// Computes the deltas of a trace; those beyond `limit_ns` in size are refused.
pub fn clock_skew(store: &Store, trace: Trace<'_>, rule: SkewRule, limit_ns: u64) -> ClockSkew {
    let spans = store.spans();
    let hosts = hosts(store);
    let (rows, depths) = (trace.rows(), trace.depths());
    let mut skew = ClockSkew { deltas: vec![0; rows.len()], refused: Vec::new() };
    let mut open: Vec<usize> = Vec::new();
    for (place, (&row, &depth)) in rows.iter().zip(depths).enumerate() {
        // Roots, orphans and cyclic spans have nothing to be measured by.
        open.truncate(depth.saturating_sub(1) as usize);
        if let Some(&above) = open.last() {
            let parent = rows[above];
            let host = |row| host_of(store, &hosts, row);
            let (from, to) = (host(parent), host(row));
            let same = from == to && from.is_some();
            let measured = match rule {
                SkewRule::Jaeger => !same,
                SkewRule::ClientToServer => {
                    !same
                        && from.is_some()
                        && to.is_some()
                        && spans.kind(parent) == SpanKind::Client
                        && spans.kind(row) == SpanKind::Server
                }
            };
            let delta =
                if measured { measure(store, parent, skew.deltas[above], row) } else { skew.deltas[above] };
            if measured && delta.unsigned_abs() > limit_ns {
                skew.refused.push((place as u32, delta));
            } else {
                skew.deltas[place] = delta;
            }
        }
        if depth > 0 {
            open.push(place);
        }
    }
    skew
}

/// The delta of a child, given its parent's.
fn measure(store: &Store, parent: u32, parent_delta: i64, child: u32) -> i64 {
    let spans = store.spans();
    let start = |row: u32| i128::from(spans.start.get(row as usize));
    let duration = |row: u32| i128::from(spans.duration(row));
    let parent_start = start(parent) + i128::from(parent_delta);
    let delta = if duration(child) > duration(parent) {
        if start(child) < parent_start { parent_start - start(child) } else { 0 }
    } else if start(child) >= parent_start
        && start(child) + duration(child) <= parent_start + duration(parent)
    {
        0
    } else {
        parent_start + (duration(parent) - duration(child)) / 2 - start(child)
    };
    delta.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// By resource: what names its host, `host.id`, else `host.ip`, else `host.name`.
fn hosts(store: &Store) -> Vec<Option<AttrId>> {
    let attributes = store.attributes();
    let keys: [Option<KeyId>; 3] = HOST_KEYS.map(|key| attributes.find_key(key));
    let resources = store.groups().resources().iter();
    resources
        .map(|resource| {
            keys.iter()
                .flatten()
                .find_map(|&key| resource.attributes.iter().copied().find(|&id| attributes.key(id) == key))
        })
        .collect()
}

fn host_of(store: &Store, hosts: &[Option<AttrId>], row: u32) -> Option<AttrId> {
    let ResourceId(resource) = store.resource_id(row)?;
    hosts.get(resource as usize).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::testing::hosts_store;
    use super::*;

    fn check(rule: SkewRule, limit: u64, lines: &str, deltas: &[i64], refused: &[(u32, i64)]) {
        let store = hosts_store(lines);
        let skew = clock_skew(&store, store.trace(0), rule, limit);
        assert_eq!((skew.deltas.as_slice(), skew.refused.as_slice()), (deltas, refused));
    }

    #[test]
    fn a_server_on_another_host_is_put_into_the_middle_of_its_client() {
        let lines = "h1 1 1 0 web client call 100 200
                     h2 1 2 1 api server GET  400 460
                     h2 1 3 2 api internal x  410 420";
        check(SkewRule::ClientToServer, u64::MAX, lines, &[0, -280, -280], &[]);
        check(SkewRule::Jaeger, u64::MAX, lines, &[0, -280, -280], &[]);
        check(SkewRule::Jaeger, 100, lines, &[0, 0, 0], &[(1, -280)]);
    }

    #[test]
    fn spans_that_fit_or_are_on_one_host_stay() {
        let inside = "h1 1 1 0 web client call 100 200
                      h2 1 2 1 api server GET  120 180";
        check(SkewRule::ClientToServer, u64::MAX, inside, &[0, 0], &[]);
        let here = "h1 1 1 0 web client call 100 200
                    h1 1 2 1 api server GET  400 460";
        check(SkewRule::Jaeger, u64::MAX, here, &[0, 0], &[]);
        let longer = "h1 1 1 0 web client call 100 200
                      h2 1 2 1 api server GET   50 400";
        check(SkewRule::ClientToServer, u64::MAX, longer, &[0, 50], &[]);
        let unknown = "- 1 1 0 web client call 100 200
                       - 1 2 1 api server GET  400 460";
        check(SkewRule::ClientToServer, u64::MAX, unknown, &[0, 0], &[]);
        check(SkewRule::Jaeger, u64::MAX, unknown, &[0, -280], &[]);
    }
}
