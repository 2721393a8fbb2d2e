//! The normal form of an exception's message: what stays when the particulars are taken out.
//!
//! Web addresses, UUIDs, times, IP addresses, hexadecimal and decimal numbers and quoted text become
//! `<url>`, `<uuid>`, `<time>`, `<ip>`, `<hex>`, `<num>`, `<str>`; white space becomes one space (semantics.md
//! §9, peers.md §2.11). A pattern counts only where it stands as a word of its own.

/// The normal form of a message.
pub fn normalize_message(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message.trim();
    let mut in_word = false;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            out.push(' ');
            rest = rest.trim_start();
            in_word = false;
            continue;
        }
        if let Some((len, name)) = (!in_word).then(|| pattern(rest)).flatten() {
            out.push_str(name);
            rest = &rest[len..];
            in_word = true;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            in_word = is_word(c);
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length and name of the pattern that begins here.
fn pattern(text: &str) -> Option<(usize, &'static str)> {
    let first = text.bytes().next()?;
    if first == b'\'' || first == b'"' {
        // Quoted text ends where the quote is not followed by a word, as in `don't`.
        let quote = first as char;
        let end = text[1..].match_indices(quote).map(|(at, _)| at + 2).find(|&end| ends_word(text, end))?;
        return Some((end, "<str>"));
    }
    let word = text.bytes().take_while(|&b| b.is_ascii_alphanumeric() || b == b'-').count();
    if let Some(after) = text.get(word..)
        && after.starts_with("://")
        && word > 0
        && first.is_ascii_alphabetic()
    {
        let stop = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']' | ',');
        return Some((text.find(stop).unwrap_or(text.len()), "<url>"));
    }
    if !first.is_ascii_hexdigit() {
        return None;
    }
    let shapes: [(usize, &str); 5] = [
        (shape(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"), "<uuid>"),
        (time(text), "<time>"),
        (ip(text), "<ip>"),
        (hexadecimal(text), "<hex>"),
        (decimal(text), "<num>"),
    ];
    shapes.into_iter().find(|&(len, _)| len > 0)
}

/// Whether no word goes on at `at`.
fn ends_word(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|c| !is_word(c))
}

/// Length of a form of `h` (hexadecimal digit), `d` (digit) and literal characters that ends a word, or 0.
fn shape(text: &str, form: &str) -> usize {
    let bytes = text.as_bytes();
    let fits = bytes.len() >= form.len()
        && form.bytes().zip(bytes).all(|(f, b)| match f {
            b'h' => b.is_ascii_hexdigit(),
            b'd' => b.is_ascii_digit(),
            _ => f == *b,
        });
    if fits && ends_word(text, form.len()) { form.len() } else { 0 }
}

/// A date, with a time of day and a zone where they are there: `2026-11-22T19:26:30.5Z`.
fn time(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let form = b"dddd-dd-dd";
    let is_date = (0..10).all(|i| if form[i] == b'd' { digit(i) } else { bytes.get(i) == Some(&b'-') });
    if !is_date {
        return 0;
    }
    let mut at = 10;
    if matches!(bytes.get(10), Some(b'T' | b' ')) && digit(11) && digit(12) && bytes.get(13) == Some(&b':') {
        at = 14;
        while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')) {
            at += 1;
        }
        if bytes.get(at) == Some(&b'Z') {
            at += 1;
        } else if matches!(bytes.get(at), Some(b'+' | b'-')) && digit(at + 1) {
            at += 1;
            while bytes.get(at).is_some_and(|b| b.is_ascii_digit() || *b == b':') {
                at += 1;
            }
        }
        // A sentence may end right behind it.
        while matches!(bytes[at - 1], b'.' | b':') {
            at -= 1;
        }
    }
    if ends_word(text, at) { at } else { 0 }
}

/// Four numbers with dots between them.
fn ip(text: &str) -> usize {
    let mut at = 0;
    for part in 0..4 {
        if part > 0 {
            if text.as_bytes().get(at) != Some(&b'.') {
                return 0;
            }
            at += 1;
        }
        let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 3 {
            return 0;
        }
        at += digits;
    }
    if ends_word(text, at) { at } else { 0 }
}

/// `0x…`, or at least eight hexadecimal digits with a decimal digit and a letter among them.
fn hexadecimal(text: &str) -> usize {
    let prefix = if text.starts_with("0x") || text.starts_with("0X") { 2 } else { 0 };
    let digits = text[prefix..].bytes().take_while(u8::is_ascii_hexdigit).count();
    let run = &text.as_bytes()[prefix..prefix + digits];
    let mixed = run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
    let fits = if prefix > 0 { digits > 0 } else { digits >= 8 && mixed };
    if fits && ends_word(text, prefix + digits) { prefix + digits } else { 0 }
}

/// Digits, with a fraction where one is there; a unit may follow, as in `30ms`.
fn decimal(text: &str) -> usize {
    let digits = |at: usize| text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(0);
    if whole == 0 || text.as_bytes().get(whole) != Some(&b'.') {
        return whole;
    }
    match digits(whole + 1) {
        0 => whole,
        fraction => whole + 1 + fraction,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn particulars_are_taken_out() {
        let check = |message: &str, want: &str| assert_eq!(normalize_message(message), want);
        check("user 42 not found", "user <num> not found");
        check("  a \n b\t c ", "a b c");
        check("GET https://x.example:80/a?b=1, retry", "GET <url>, retry");
        check("id 5b8efff7-9803-4103-d269-b633813fc60c.", "id <uuid>.");
        check("at 2026-11-22T19:26:30.187Z and 2026-11-22.", "at <time> and <time>.");
        check("at 2026-11-22 19:26:30+01:00!", "at <time>!");
        check("10.0.0.12:5432 refused", "<ip>:<num> refused");
        check("object 0x7f3a at deadbeef01, cafebabe", "object <hex> at <hex>, cafebabe");
        check("'a b' isn't \"c\" but don't", "<str> isn't <str> but don't");
        check("took 12.5ms, v2 utf8 x1", "took <num>ms, v2 utf8 x1");
        check("KeyError: 'é' at é1", "KeyError: <str> at é1");
        check("open 'quote", "open 'quote");
        check("", "");
    }

    proptest! {
        #[test]
        fn any_text_has_a_normal_form(text in "[ -~é'\"0-9a-f:/.T-]{0,60}") {
            prop_assert!(!normalize_message(&text).contains("  "));
        }
    }
}
