// Which functions an empty page does not run, by their names.

/** What is looked at, and what only views use. */
const REST = [
  "page::(bar|charts|csv|drill|edits|exceptions|explore|jump|map|metrics|plots|red|red_table|report|rows|sampling|scope|service|services|time_range|trace)::",
  "page::app::(drawn|rehearsal::)",
  "page::state::AppState>::apart",
  "page::client::Client>::ask(_as)?::<",
  "page::widgets::",
  "(scene|paint|traceql)::",
  "web::(canvas|part|sizes)::",
  "engine::protocol::answers::",
  "plotters",
];

/** What of it the frame around an empty page needs all the same. */
const FIRST = [
  "page::bar::highlight::(runs|is_metrics)",
  "page::report::__component_report_view::",
  "page::widgets::(dialog|menu)::",
  "(answers|requests)::(lists::)?(Summary|Services)",
];

const rest = new RegExp(REST.join("|"));
const first = new RegExp(FIRST.join("|"));

/** Whether the function of this name is of the rest. */
export function isRest(name) {
  // Crates stand with their hashes.
  const plain = name.replace(/\[[0-9a-f]{16}\]/g, "");
  return rest.test(plain) && !first.test(plain);
}
