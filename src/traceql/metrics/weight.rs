//! How many spans a sampled span stands for: the reciprocal of the probability in its tracestate's
//! OpenTelemetry threshold, `ot=…th:…` (semantics.md §7).

use crate::store::{Store, StrId};

/// Weights by tracestate, each read once.
#[derive(Debug, Default)]
pub(super) struct Weights {
    on: bool,
    last: Option<(StrId, f64)>,
}

impl Weights {
    pub(super) fn new(on: bool) -> Self {
        Self { on, last: None }
    }

    /// The weight of a span, 1 where nothing is known or wanted.
    pub(super) fn of(&mut self, store: &Store, row: u32) -> f64 {
        if !self.on {
            return 1.0;
        }
        let state = store.spans().extra(row).trace_state;
        match self.last {
            Some((known, weight)) if known == state => weight,
            _ => {
                let weight = weight(store.text(state));
                self.last = Some((state, weight));
                weight
            }
        }
    }
}

fn weight(trace_state: &str) -> f64 {
    let member = trace_state.split(',').find_map(|m| m.trim().strip_prefix("ot="));
    let threshold = member.and_then(|m| m.split(';').find_map(|field| field.trim().strip_prefix("th:")));
    let Some(digits) = threshold.filter(|d| (1..=14).contains(&d.len()) && d.bytes().all(lower_hex)) else {
        return 1.0;
    };
    // Up to 14 digits are a fraction of 2^56, filled with zeros on the right.
    let value = u64::from_str_radix(digits, 16).unwrap_or(0) << (4 * (14 - digits.len()));
    let all = (1u64 << 56) as f64;
    let weight = all / (all - value as f64);
    let random = member.and_then(|m| m.split(';').find_map(|field| field.trim().strip_prefix("rv:")));
    match random.filter(|r| r.len() == 14 && r.bytes().all(lower_hex)).map(|r| u64::from_str_radix(r, 16)) {
        // With explicit randomness Tempo rounds to a whole number, repeatably (semantics.md §7.5).
        Some(Ok(random)) => {
            let up = weight.fract() > (random >> 3) as f64 / (1u64 << 53) as f64;
            weight.floor() + f64::from(u8::from(up))
        }
        _ => weight,
    }
}

fn lower_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}

#[cfg(test)]
mod tests {
    use super::weight;

    #[test]
    fn a_threshold_is_a_share_of_what_was_dropped() {
        for (state, want) in [
            ("", 1.0),
            ("ot=th:8", 2.0),
            ("vendor=x,ot=rv:00000000000000;th:c", 4.0),
            ("ot=th:0", 1.0),
            ("ot=th:x", 1.0),
        ] {
            assert!((weight(state) - want).abs() < 1e-12, "{state}");
        }
    }
}
