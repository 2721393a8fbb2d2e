//! What the desk answers: the requests about TraceQL, and those about one trace.

mod queries;
mod traces;

use super::{Buffer, Desk};
