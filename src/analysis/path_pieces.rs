//! The critical path in as many pieces as somebody can use.
//!
//! A trace of a million calls one after another has two million sections. Pieces tile the same stretch of time
//! exactly: those sections that are long enough to be told apart stand for themselves, neighbors that are
//! not stand in one piece, which names the longest of them and says how many they are.

use super::critical_path::Section;
use crate::model::TimeRange;

/// Neighboring sections of a critical path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The longest of them, of equals the earliest, with the start and end of all of them.
    pub section: Section,
    /// How many they are.
    pub count: u32,
}

/// How many sections of a path (in order of time, none overlapping) lie in a range of time, and these, clipped to it, in
/// at most `limit` pieces.
pub fn path_pieces(sections: &[Section], range: Option<TimeRange>, limit: usize) -> (usize, Vec<Piece>) {
    let range = range.unwrap_or(TimeRange { start_ns: 0, end_ns: u64::MAX });
    let from = sections.partition_point(|s| s.end_ns <= range.start_ns);
    let to = sections.partition_point(|s| s.start_ns < range.end_ns).max(from);
    let inside = if range.start_ns < range.end_ns { &sections[from..to] } else { &[] };
    let clip = |s: &Section| Section {
        start_ns: s.start_ns.max(range.start_ns),
        end_ns: s.end_ns.min(range.end_ns),
        ..*s
    };
    let (Some(first), Some(last)) = (inside.first().map(clip), inside.last().map(clip)) else {
        return (0, Vec::new());
    };
    if inside.len() <= limit {
        let pieces = inside.iter().map(clip).map(|section| Piece { section, count: 1 });
        return (inside.len(), pieces.collect());
    }
    // Of the time in `steps` equal steps: no more sections than that can be a step long, and no more than those and the
    // ends of the steps can part the others. So a third of the limit always does, and mostly more do as well.
    for steps in [limit, limit / 2, limit / 3] {
        let span = last.end_ns - first.start_ns;
        let step = span.checked_div(steps as u64).map_or(u64::MAX, |step| step + 1);
        if let Some(pieces) = merged(inside.iter().map(clip), first.start_ns, step, limit) {
            return (inside.len(), pieces);
        }
    }
    (inside.len(), Vec::new())
}

/// Sections in pieces: those of a step in time or longer for themselves, others with the neighbors that start in the
/// same step after `origin`. None where that makes too many.
fn merged(
    sections: impl Iterator<Item = Section>,
    origin: u64,
    step: u64,
    limit: usize,
) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    // The length of the longest in the last piece, and its step; none where it stands for itself.
    let mut open: Option<(u64, u64)> = None;
    for section in sections {
        let length = section.end_ns - section.start_ns;
        let at = (section.start_ns - origin) / step;
        match (pieces.last_mut(), &mut open) {
            (Some(piece), Some((longest, before))) if *before == at && length < step => {
                let start_ns = piece.section.start_ns;
                if length > *longest {
                    (piece.section, *longest) = (section, length);
                }
                (piece.section.start_ns, piece.section.end_ns) = (start_ns, section.end_ns);
                piece.count += 1;
            }
            _ => {
                if pieces.len() == limit {
                    return None;
                }
                pieces.push(Piece { section, count: 1 });
                open = (length < step).then_some((length, at));
            }
        }
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::dump;
    use super::*;

    /// Sections of these lengths, one after another from 1000 on.
    fn path(lengths: &[u64]) -> Vec<Section> {
        let mut start_ns = 1000;
        let sections = lengths.iter().zip(0..).map(|(length, place)| {
            let section = Section { row: place, place, start_ns, end_ns: start_ns + length };
            start_ns += length;
            section
        });
        sections.collect()
    }

    fn check(range: Option<(u64, u64)>, limit: usize, want: &str) {
        let sections = path(&[40, 1, 2, 2, 1, 30, 1, 1, 22]);
        let range = range.map(|(start_ns, end_ns)| TimeRange { start_ns, end_ns });
        let (total, pieces) = path_pieces(&sections, range, limit);
        assert_eq!(total, pieces.iter().map(|p| p.count as usize).sum::<usize>());
        dump(pieces, want, |p| {
            format!("{}x{} {}-{}", p.section.place, p.count, p.section.start_ns, p.section.end_ns)
        });
    }

    #[test]
    fn what_cannot_be_told_apart_stands_in_one() {
        check(None, 8, "0x1 1000-1040 | 2x4 1040-1046 | 5x1 1046-1076 | 6x2 1076-1078 | 8x1 1078-1100");
        check(None, 6, "0x1 1000-1040 | 2x4 1040-1046 | 5x1 1046-1076 | 6x2 1076-1078 | 8x1 1078-1100");
        check(None, 4, "0x6 1000-1076 | 8x3 1076-1100");
        check(None, 1, "0x9 1000-1100");
        check(
            Some((1041, 1077)),
            9,
            "2x1 1041-1043 | 3x1 1043-1045 | 4x1 1045-1046 | 5x1 1046-1076 | 6x1 1076-1077",
        );
        check(Some((1041, 1077)), 4, "2x3 1041-1046 | 5x1 1046-1076 | 6x1 1076-1077");
        check(Some((1041, 1042)), 1, "2x1 1041-1042");
        check(Some((1041, 1041)), 5, "");
        check(Some((7, 1000)), 5, "");
    }

    proptest! {
        #[test]
        fn pieces_tile_what_the_sections_tile(
            lengths in prop::collection::vec(prop_oneof![1..4_u64, 1..200_u64], 0..80),
            from in 900..4000_u64, length in 0..3000_u64, limit in 1..40_usize,
        ) {
            let sections = path(&lengths);
            let range = TimeRange { start_ns: from, end_ns: from + length };
            let (total, pieces) = path_pieces(&sections, Some(range), limit);
            // Plainly: every section that has a nanosecond inside, clipped.
            let inside: Vec<Section> = sections
                .iter()
                .map(|s| Section { start_ns: s.start_ns.max(from), end_ns: s.end_ns.min(from + length), ..*s })
                .filter(|s| s.start_ns < s.end_ns)
                .collect();
            prop_assert_eq!(total, inside.len());
            prop_assert!(pieces.len() <= limit);
            prop_assert!(inside.len() > limit || pieces.len() == inside.len());
            let mut rest = inside.as_slice();
            for piece in &pieces {
                let (own, more) = rest.split_at(piece.count as usize);
                rest = more;
                prop_assert_eq!(piece.section.start_ns, own[0].start_ns);
                prop_assert_eq!(piece.section.end_ns, own[own.len() - 1].end_ns);
                let longest = own.iter().rev().max_by_key(|s| s.end_ns - s.start_ns).unwrap();
                prop_assert_eq!(piece.section.place, longest.place);
            }
            prop_assert!(rest.is_empty());
        }
    }
}
