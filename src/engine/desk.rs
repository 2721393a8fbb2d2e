//! The data set and the answers over it.
