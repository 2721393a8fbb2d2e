//! The top frame of a stack trace: where in the application an exception was raised.
//!
//! Python prints the latest call last, everybody else first; frames of libraries are passed over where one
//! of the application is there. A frame is kept without line numbers, so that a release does not split a
//! group.

/// Marks of frames that belong to a library or to the language.
const LIBRARIES: [&str; 16] = [
    "site-packages/",
    "dist-packages/",
    "/lib/python",
    "<frozen ",
    "node_modules/",
    "node:",
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "org.springframework.",
    "org.apache.",
    "/usr/local/go/",
    "/vendor/",
    "System.",
    "Microsoft.",
];

/// The top frame of the application, else of whoever is on top; none where nothing looks like a frame.
pub fn top_frame(stack: &str) -> Option<String> {
    let python = stack.contains("Traceback (most recent call last)");
    let mut first = None;
    let mut pick = |line: &str| {
        let frame = frame(line)?;
        if !LIBRARIES.iter().any(|mark| line.contains(mark)) {
            return Some(frame);
        }
        first.get_or_insert(frame);
        None
    };
    let found =
        if python { stack.lines().rev().find_map(&mut pick) } else { stack.lines().find_map(&mut pick) };
    found.or(first)
}

/// The lines, counted from 0, that belong to frames of libraries or of the language: a frame of theirs with the
/// source text that Python shows below it.
pub fn library_lines(stack: &str) -> Vec<u32> {
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in stack.lines().enumerate() {
        if frame(line).is_some() {
            inside = LIBRARIES.iter().any(|mark| line.contains(mark));
        } else if !line.starts_with("    ") {
            inside = false;
        }
        if inside {
            found.push(number as u32);
        }
    }
    found
}

/// The frame of a line: Python's `File "x", line 1, in f`, or `at f (x:1:2)` of Java, JavaScript and .NET, or
/// Go's tab, path and line.
fn frame(line: &str) -> Option<String> {
    let text = line.trim();
    if let Some(rest) = text.strip_prefix("File \"") {
        let (file, rest) = rest.split_once('"')?;
        let function = rest.rsplit_once(" in ").map_or("", |(_, function)| function);
        return Some(format!("{file} {function}").trim_end().to_owned());
    }
    if let Some(rest) = text.strip_prefix("at ") {
        return Some(without_numbers(rest));
    }
    if line.starts_with('\t') && text.contains(".go:") {
        let path = text.split_whitespace().next()?;
        return Some(without_numbers(path));
    }
    None
}

/// The text without `:12` and ` line 12`.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.strip_prefix(':').or_else(|| rest.strip_prefix(":line "));
        let digits = after.map_or(0, |a| a.bytes().take_while(u8::is_ascii_digit).count());
        if let Some(after) = after
            && digits > 0
        {
            rest = &after[digits..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_libraries_are_told_apart() {
        let python = "Traceback (most recent call last):\n  File \"/x/site-packages/flask/app.py\", line 1, in run\n    call()\n    \
             ^^^^^^\n  File \"/app/todo.py\", line 12, in save\n    y\nKeyError: 'a'";
        assert_eq!(library_lines(python), [1, 2, 3]);
        let java = "E: x\n\tat java.util.List.of(List.java:1)\n\tat com.acme.Cart.add(Cart.java:42)\nCaused by: java.io.E";
        assert_eq!(library_lines(java), [1]);
        assert_eq!(library_lines("boom"), [0_u32; 0]);
    }

    #[test]
    fn the_top_frame_of_the_application_is_found() {
        let check = |stack: &str, want: &str| assert_eq!(top_frame(stack).as_deref().unwrap_or("-"), want);
        check(
            "Traceback (most recent call last):\n  File \"/usr/lib/python3/site-packages/flask/app.py\", line 1, in run\n    x\n  \
             File \"/app/todo.py\", line 12, in save\n    y\n  File \"/x/site-packages/db.py\", line 3, in go\nKeyError: 'a'",
            "/app/todo.py save",
        );
        check(
            "java.lang.NullPointerException: x\n\tat java.util.List.of(List.java:1)\n\tat com.acme.Cart.add(Cart.java:42)",
            "com.acme.Cart.add(Cart.java)",
        );
        check(
            "RangeError: x\n    at pay (file:///app/pay.js:10:5)\n    at node:internal/x:1:1",
            "pay (file:///app/pay.js)",
        );
        check("goroutine 1:\nmain.f()\n\t/src/main.go:12 +0x1f", "/src/main.go");
        check("x\n    at node:internal/x:1:1", "node:internal/x");
        check("boom", "-");
    }
}
