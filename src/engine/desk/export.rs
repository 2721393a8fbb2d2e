//! Files to save: one trace, the matching traces as OTLP in pieces, and lists as CSV.
//!
//! A large file is asked for piece by piece, so that neither side ever holds all of it; the pieces one after another
//! are the file.

use super::trace::span_id;
use super::{Buffer, Desk, Error, Reply};
use crate::analysis::Scope;
use crate::engine::protocol as p;
use crate::engine::protocol::wire::{print, read};
use crate::engine::protocol::{AttributeMap, Ns};
use crate::ingest::export;
use crate::model::{IdText, SpanId, format_utc};

/// Traces from whose size that of all is estimated.
const SAMPLE: usize = 40;
/// Numbers of a table's row, as its request names them.
const NUMBERS: [&str; 11] = [
    "count",
    "errors",
    "error_rate",
    "rate_per_s",
    "p50_ns",
    "p95_ns",
    "p99_ns",
    "avg_ns",
    "min_ns",
    "max_ns",
    "total_ns",
];

impl Desk {
    pub(super) fn export(&mut self, r: &p::Export) -> Result<Reply, Error> {
        if r.trace_id.is_empty() {
            return if r.format == "csv" { self.export_list(r) } else { self.export_traces(r) };
        }
        let number = self.find_trace(&r.trace_id)?;
        self.shown(number);
        let store = self.builder.store();
        let name = format!("trace-{}", store.trace_id(number));
        let bytes = match r.format.as_str() {
            "protobuf" => export::trace_protobuf(store, number),
            "json" => export::trace_json(store, number).into_bytes(),
            "csv" => self.csv(number).into_bytes(),
            _ => return Err(no_format(r)),
        };
        Ok(self.file(&name, r, bytes, (1, None)))
    }

    /// A file, or a piece of one of `total` parts.
    fn file(
        &self,
        name: &str,
        r: &p::Export,
        bytes: Vec<u8>,
        (total, next): (usize, Option<usize>),
    ) -> Reply {
        let (ending, media_type) = match r.format.as_str() {
            "protobuf" => ("pb", "application/x-protobuf"),
            "json" => ("json", "application/json"),
            _ => ("csv", "text/csv;charset=utf-8"),
        };
        let head = p::ExportAnswer {
            name: format!("{name}.{ending}"),
            media_type: media_type.to_owned(),
            total: total as u64,
            next,
            bytes: Some(bytes.len() as f64),
        };
        self.reply_with(head, vec![Buffer::U8(bytes)])
    }

    /// Whole traces with a matching span, as OTLP.
    fn export_traces(&self, r: &p::Export) -> Result<Reply, Error> {
        let store = self.builder.store();
        let write = match r.format.as_str() {
            "protobuf" => export::traces_protobuf,
            "json" => export::traces_json,
            _ => return Err(no_format(r)),
        };
        let traces = self.matching_traces(r)?;
        let total = traces.len();
        if r.limit == Some(0) {
            let spans = |traces: &[u32]| traces.iter().map(|&t| store.trace(t).len()).sum::<usize>() as f64;
            let some: Vec<u32> = traces.iter().copied().step_by(total.div_ceil(SAMPLE).max(1)).collect();
            let size = write(store, &some).len() as f64 * spans(&traces) / spans(&some).max(1.0);
            let (total, bytes) = (total as u64, Some(size.round()));
            return Ok(self.reply(p::ExportAnswer { total, bytes, ..p::ExportAnswer::default() }));
        }
        let end = r.offset.saturating_add(r.limit.unwrap_or(total)).min(total);
        let mut bytes = write(store, traces.get(r.offset..end).unwrap_or_default());
        if r.format == "json" {
            export::frame_json(&mut bytes, r.offset == 0, end == total);
        }
        Ok(self.file("traces", r, bytes, (total, (end < total).then_some(end))))
    }

    fn matching_traces(&self, r: &p::Export) -> Result<Vec<u32>, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?;
        let store = self.builder.store();
        let mut met = vec![false; store.trace_count()];
        let selection = counted.selection();
        for row in 0..store.len() as u32 {
            if selection.contains(store, row) {
                met[store.spans().trace.get(row as usize) as usize] = true;
            }
        }
        Ok((0..met.len() as u32).filter(|&trace| met[trace as usize]).collect())
    }

    /// A list as CSV.
    fn export_list(&self, r: &p::Export) -> Result<Reply, Error> {
        let (range, q, offset) = (r.range, r.q.clone(), r.offset);
        let limit = Some(r.limit.unwrap_or(usize::MAX));
        // Orders that have a word of their own, and any field.
        let order = read(&print(&r.sort)).unwrap_or_default();
        let sort = r.sort.clone();
        let mut out = String::new();
        let mut line = |cells: &[String]| {
            let mut comma = "";
            for text in cells {
                out.push_str(comma);
                cell(&mut out, text);
                comma = ",";
            }
            out.push_str("\r\n");
        };
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let (total, rows) = match r.list.as_str() {
            "traces" => {
                if offset == 0 {
                    line(&words(&[
                        "trace_id",
                        "root_service",
                        "root_name",
                        "start",
                        "start_ns",
                        "duration_ns",
                        "spans",
                        "matched",
                        "errors",
                        "services",
                    ]));
                }
                let page = self.traces_page(&p::Traces { range, q, order, limit, offset })?;
                for row in &page.rows {
                    let mut cells = vec![
                        row.trace_id.clone(),
                        text(row.root_service.as_ref()),
                        text(row.root_name.as_ref()),
                    ];
                    cells.extend(time(row.start_ns));
                    let numbers = [row.duration_ns, row.spans, row.matched, row.errors, row.services];
                    cells.extend(numbers.iter().map(u64::to_string));
                    line(&cells);
                }
                (page.total, page.rows.len())
            }
            "spans" => {
                if offset == 0 {
                    let mut head = words(&[
                        "trace_id",
                        "span_id",
                        "parent_span_id",
                        "service",
                        "name",
                        "kind",
                        "status",
                        "start",
                        "start_ns",
                        "duration_ns",
                    ]);
                    head.extend(r.fields.iter().cloned());
                    line(&head);
                }
                let own = ["duration", "-duration", "start", "-start"].contains(&sort.as_str());
                let sort = if own { String::new() } else { sort };
                let fields = r.fields.clone();
                let page = self.spans_page(&p::Spans { range, q, order, limit, offset, fields, sort })?;
                for row in &page.rows {
                    let texts = [&row.trace_id, &row.span_id, &row.parent_span_id, &row.service, &row.name];
                    let mut cells: Vec<String> = texts.into_iter().cloned().collect();
                    cells.extend([row.kind.clone(), row.status.clone()]);
                    cells.extend(time((row.start_ns.0 > 0).then_some(row.start_ns)));
                    cells.push(row.duration_ns.to_string());
                    cells.extend(r.fields.iter().map(|field| attribute(&row.attributes, field)));
                    line(&cells);
                }
                (page.total, page.rows.len())
            }
            "table" => {
                if offset == 0 {
                    let mut head = r.fields.clone();
                    head.extend(words(&NUMBERS));
                    line(&head);
                }
                let by = r.fields.clone();
                let page = self.table_page(&p::Table { range, q, by, sort, limit, offset })?;
                for row in &page.rows {
                    let mut cells = row.values.clone();
                    cells.extend([row.count.to_string(), row.errors.to_string()]);
                    let parts =
                        [row.error_rate, row.rate_per_s, row.p50_ns, row.p95_ns, row.p99_ns, row.avg_ns];
                    cells.extend(parts.iter().map(|n| n.map_or_else(String::new, |n| n.to_string())));
                    cells.extend([row.min_ns, row.max_ns, row.total_ns].iter().map(u64::to_string));
                    line(&cells);
                }
                (page.total, page.rows.len())
            }
            _ => {
                let expected = "traces, spans or table";
                return Err(Error::BadField { field: "list", expected, found: r.list.clone() });
            }
        };
        let (total, end) = (total as usize, offset.saturating_add(rows));
        Ok(self.file(&r.list, r, out.into_bytes(), (total, (end < total && rows > 0).then_some(end))))
    }

    /// The spans of a trace in pre-order, a line each; texts quoted as RFC 4180 has it.
    fn csv(&self, number: u32) -> String {
        let store = self.builder.store();
        let trace = store.trace(number);
        let own = self.shown.as_ref().filter(|s| s.trace == number).map_or(&[][..], |s| &s.own);
        let mut out = String::from(
            "trace_id,span_id,parent_span_id,service,name,kind,status,status_message,start_ns,end_ns,duration_ns,self_ns,depth\r\n",
        );
        let spans = store.spans();
        for (place, &row) in trace.rows().iter().enumerate() {
            let at = row as usize;
            let texts = [
                trace.id().to_string(),
                span_id(store, row),
                SpanId(spans.parent_id.get(at)).text(),
                store.service_name(store.service(row)).to_owned(),
                store.name(row).to_owned(),
                spans.kind(row).word().to_owned(),
                spans.status(row).word().to_owned(),
                store.text(spans.extra(row).status_message).to_owned(),
            ];
            for text in texts {
                cell(&mut out, &text);
                out.push(',');
            }
            let own = own.get(place).copied().unwrap_or_default();
            let numbers = [spans.start.get(at), spans.end.get(at), spans.duration(row), own];
            for number in numbers {
                out.push_str(&number.to_string());
                out.push(',');
            }
            out.push_str(&trace.depths()[place].to_string());
            out.push_str("\r\n");
        }
        out
    }
}

fn no_format(r: &p::Export) -> Error {
    Error::BadField { field: "format", expected: "protobuf, json or csv", found: r.format.clone() }
}

fn text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

/// A time for people and in nanoseconds.
fn time(ns: Option<Ns>) -> [String; 2] {
    ns.map_or_else(Default::default, |ns| [format!("{}Z", format_utc(ns.0, 9)), ns.0.to_string()])
}

fn attribute(attributes: &AttributeMap, field: &str) -> String {
    match attributes.get(field) {
        None => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A cell of a CSV line. What a spreadsheet would take for a formula stands behind an apostrophe.
fn cell(out: &mut String, text: &str) {
    let number = text.strip_prefix(['+', '-']).is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
        && text.parse::<f64>().is_ok();
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number;
    let apostrophe = if formula { "'" } else { "" };
    if formula || text.contains([',', '"', '\n', '\r']) {
        out.extend(["\"", apostrophe, &text.replace('"', "\"\""), "\""]);
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_run() {
        let check = |text: &str, want: &str| {
            let mut out = String::new();
            cell(&mut out, text);
            assert_eq!(out, want);
        };
        check("GET /", "GET /");
        check("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\"");
        check("-12.5", "-12.5");
        check("=1+1", "\"'=1+1\"");
        check("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\"");
    }
}
