//! Where plain words stand in the spans of a trace: in names, services, resources, status messages, attribute values
//! and as the first digits of span ids.
//!
//! Of a trace that is much of the data every distinct text is looked at once, and then numbers are compared, column by
//! column. Of any other only its own spans are looked at.

use crate::store::{RowSet, ServiceId, Store, Trace, ValueRef};

/// The rows of a trace (and maybe others) where all of these words stand.
pub(super) fn rows_with(store: &Store, trace: Trace<'_>, words: &[&str]) -> RowSet {
    let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
    if !trace.is_most() {
        return trace.rows_where(&|row| words.iter().all(|word| word.in_span(store, row)));
    }
    let mut rows: Option<RowSet> = None;
    for word in &words {
        let found = word.in_columns(store);
        match &mut rows {
            Some(rows) => rows.intersect(&found),
            None => rows = Some(found),
        }
    }
    rows.unwrap_or_else(|| trace.rows_where(&|_| true))
}

/// A word to look for: any case matches.
struct Word {
    /// In lower case, without quotation marks around it.
    text: String,
    /// Whether an integer can hold it.
    digits: bool,
    /// The word as four bits a digit, and how many digits; none where it is not 1 to 16 digits.
    decimal: Option<(u64, u32)>,
    /// The word as the first digits of a span id, and how many bits are not said.
    id: Option<(u64, u32)>,
}

impl Word {
    fn new(word: &str) -> Self {
        let text = word.trim_matches('"').to_lowercase();
        let hex = |lengths: std::ops::RangeInclusive<usize>| {
            u64::from_str_radix(&text, 16).ok().filter(|_| lengths.contains(&text.len()))
        };
        let len = text.len() as u32;
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        Self {
            digits: text.bytes().all(|b| b.is_ascii_digit() || b == b'-'),
            decimal: hex(1..=16).filter(|_| plain).map(|digits| (digits, len)),
            id: hex(4..=16).map(|id| (id, 64 - 4 * len.min(16))),
            text,
        }
    }

    /// The rows of all data where the word stands.
    fn in_columns(&self, store: &Store) -> RowSet {
        let (spans, groups) = (store.spans(), store.groups());
        let mut rows = RowSet::new(store.len());
        let strings: Vec<bool> =
            store.strings().iter().map(|(_, text)| self.in_text(text.as_bytes())).collect();
        rows.add_where(&spans.name, &strings);
        let resources: Vec<bool> = groups
            .resources()
            .iter()
            .map(|r| r.attributes.iter().any(|&id| self.in_value(store.attributes().value(id))))
            .collect();
        let slots: Vec<bool> = (0..)
            .zip(store.slot_services())
            .map(|(slot, &service)| {
                self.in_text(store.service_name(ServiceId(service)).as_bytes())
                    || groups.resource_of(slot).is_some_and(|id| resources[id.0 as usize])
            })
            .collect();
        rows.add_where(spans.slots(), &slots);
        let messages: Vec<bool> =
            spans.extras().iter().map(|extra| strings[extra.status_message.0 as usize]).collect();
        if messages.contains(&true) {
            let mut told = RowSet::new(store.len());
            told.add_where(spans.extra_numbers(), &messages);
            told.iter().filter(|&row| spans.is_error(row)).for_each(|row| rows.insert(row));
        }
        if let Some((id, rest)) = self.id {
            let ids = spans.id.range(0..store.len()).zip(0..);
            ids.filter(|(own, _)| own >> rest == id).for_each(|(_, row)| rows.insert(row));
        }
        let number = |number| self.digits && self.in_number(number);
        let pairs = store.attributes().values_where(number, &|value| self.in_value(value));
        if pairs.contains(&true) {
            add_attributes(&mut rows, store, &pairs);
        }
        rows
    }

    /// Whether the word stands in a span.
    fn in_span(&self, store: &Store, row: u32) -> bool {
        let (spans, attributes) = (store.spans(), store.attributes());
        let error =
            || spans.is_error(row) && self.in_text(store.text(spans.extra(row).status_message).as_bytes());
        self.in_text(store.name(row).as_bytes())
            || self.in_text(store.service_name(store.service(row)).as_bytes())
            || self.id.is_some_and(|(id, rest)| spans.id.get(row as usize) >> rest == id)
            || error()
            || spans.attributes(row).any(|id| self.in_value(attributes.value(id)))
            || store
                .resource(row)
                .is_some_and(|r| r.attributes.iter().any(|&id| self.in_value(attributes.value(id))))
    }

    fn in_value(&self, value: ValueRef<'_>) -> bool {
        match value {
            ValueRef::Str(text) => self.in_text(text),
            ValueRef::Int(number) => self.digits && self.in_number(number),
            other => self.in_text(other.display().as_bytes()),
        }
    }

    /// Whether the digits of a number hold the word. A million numbers are not written out for that: digits go through
    /// a window as wide as the word, from the last one to the first.
    fn in_number(&self, number: i64) -> bool {
        let Some((word, len)) = self.decimal else { return number.to_string().contains(&self.text) };
        let (mut rest, mut window) = (number.unsigned_abs(), 0);
        for seen in 1.. {
            let digit;
            (rest, digit) = match u32::try_from(rest) {
                // Divisions of half the width are several times as fast.
                Ok(few) => (u64::from(few / 10), u64::from(few % 10)),
                Err(_) => (rest / 10, rest % 10),
            };
            window = window >> 4 | digit << (4 * (len - 1));
            if seen >= len && window == word {
                return true;
            }
            if rest == 0 {
                break;
            }
        }
        false
    }

    fn in_text(&self, text: &[u8]) -> bool {
        if !self.text.is_ascii() {
            return String::from_utf8_lossy(text).to_lowercase().contains(&self.text);
        }
        let word = self.text.as_bytes();
        let (Some(&first), Some(last)) = (word.first(), text.len().checked_sub(word.len())) else {
            return word.is_empty();
        };
        let upper = first.to_ascii_uppercase();
        let mut at = 0;
        while let Some(found) = text[at..=last].iter().position(|&b| b == first || b == upper) {
            at += found;
            if text[at..at + word.len()].eq_ignore_ascii_case(word) {
                return true;
            }
            at += 1;
            if at > last {
                break;
            }
        }
        false
    }
}

/// Adds the rows with an attribute among these pairs.
fn add_attributes(rows: &mut RowSet, store: &Store, pairs: &[bool]) {
    let spans = store.spans();
    let mut ends = spans.attribute_ends().range(0..store.len()).enumerate();
    let Some((mut row, mut end)) = ends.next() else { return };
    let mut at = 0;
    for piece in spans.attribute_column().chunks() {
        for &id in piece {
            while at >= end {
                let Some(next) = ends.next() else { return };
                (row, end) = next;
            }
            if pairs.get(id as usize) == Some(&true) {
                rows.insert(row as u32);
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::testing::{store, stores};

    #[test]
    fn numbers_hold_what_their_digits_hold() {
        for number in [0, 7, -7, 10, 1010, 10_203, -10_203, i64::MAX, i64::MIN, 1_000_000_000_000_000_000] {
            let text = number.to_string();
            for from in 0..text.len() {
                for to in from..=text.len() {
                    assert!(Word::new(&text[from..to]).in_number(number), "{number} {from}..{to}");
                }
            }
            assert!(!Word::new(&format!("{text}1")).in_number(number));
            assert!(!Word::new("--").in_number(number));
        }
        assert!(!Word::new("-7").in_number(7));
        assert!(!Word::new("10").in_number(1), "digits that are not there are no zeros");
        assert!(!Word::new("00").in_number(0));
    }

    /// Everything of a span that words are looked for in, written out.
    fn texts(store: &Store, row: u32) -> Vec<String> {
        let (spans, attributes) = (store.spans(), store.attributes());
        let own = spans.attributes(row);
        let resource = store.resource(row).into_iter().flat_map(|r| r.attributes.iter().copied());
        let mut texts: Vec<String> = own.chain(resource).map(|id| attributes.value(id).display()).collect();
        texts.extend([store.name(row).to_owned(), store.service_name(store.service(row)).to_owned()]);
        if spans.is_error(row) {
            texts.push(store.text(spans.extra(row).status_message).to_owned());
        }
        texts
    }

    fn check(store: &Store, words: &[&str]) {
        for number in 0..store.trace_count() as u32 {
            let trace = store.trace(number);
            let found = rows_with(store, trace, words);
            for &row in trace.rows() {
                let id = format!("{:016x}", store.spans().id.get(row as usize));
                let stands = |word: &&str| {
                    let word = word.to_lowercase();
                    let begins = (4..=16).contains(&word.len()) && id.starts_with(&word);
                    begins || texts(store, row).iter().any(|text| text.to_lowercase().contains(&word))
                };
                assert_eq!(
                    found.contains(row),
                    words.iter().all(stands),
                    "{words:?} {}",
                    texts(store, row).join("|")
                );
                assert_eq!(found.contains(row), words.iter().all(|word| Word::new(word).in_span(store, row)));
            }
        }
    }

    #[test]
    fn words_stand_in_all_that_a_span_says() {
        let store = store(
            "1 1 0 Shop  server GET  10 90 user=Ünal n=1203 error
             1 2 1 Shop  client sql  20 30 statement=select_*_from_Users n=-77
             2 3 0 stock server run  20 30 n=0 id=9007199254740993
             3 4 0 stock server run  20 30",
        );
        for words in [
            &["shop"][..],
            &["SHOP", "sql"],
            &["users"],
            &["ünal"],
            &["20"],
            &["0"],
            &["-7"],
            &["-"],
            &["n"],
            &["0000"],
            &["00000000000000004"],
            &["0000000000000004"],
            &["9254740993"],
            &["9007199254740993"],
            &["select", "77"],
            &["zzz"],
            &["run", "zzz"],
            &[],
        ] {
            check(&store, words);
        }
    }

    proptest! {
        #[test]
        fn columns_and_spans_say_the_same(store in stores(), words in prop::collection::vec("[sop0-3]{1,2}|client", 1..3)) {
            check(&store, &words.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
