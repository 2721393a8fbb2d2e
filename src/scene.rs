//! Layouts as data: what stands where, for one window at one width.
//!
//! A scene is columns of plain numbers and the texts they name. It is made from the store next to the data and
//! handed to `paint`, which never sees a span. Costs of a frame depend on its pixels, not on the trace's spans.
//!
//! ```text
//! let layout = flame::Layout::build(&store, trace);            // once a trace
//! let scene = layout.window(&store, &flame::Window::around(…)); // whenever the view leaves the last window
//! ```

pub mod chart;
pub mod flame;
pub mod heatmap;
pub mod histogram;
pub mod map;
pub mod ruler;
pub mod shapes;
pub mod sparkline;
pub mod time_axis;
