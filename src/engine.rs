//! The worker's desk: takes a request, calls the rooms, gives a reply.
//!
//! [`protocol`] is the only thing that crosses the worker boundary; its types are also the script door's.
//! [`desk`] holds the data set. Neither knows a browser, a clock or global state: the worker binary feeds
//! bytes in and carries messages.

pub mod desk;
pub mod protocol;
