//! What nodes of the map are called.

use crate::engine::protocol::MapNode;
use crate::page::format;

/// A node's name as shown.
pub fn label(node: &MapNode) -> String {
    if node.kind == "service" { format::service(&node.id).to_owned() } else { label_of(&node.id) }
}

/// The name in an id: what follows the kind.
pub fn label_of(id: &str) -> String {
    for kind in ["db:", "msg:", "ext:", "user:"] {
        if let Some(name) = id.strip_prefix(kind) {
            return if name.is_empty() { "User".to_owned() } else { name.to_owned() };
        }
    }
    format::service(id).to_owned()
}
