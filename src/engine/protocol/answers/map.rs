//! The service map: nodes, edges, and where they stand.

answers! {
    /// Services and the calls between them.
    ServiceMapAnswer {
        /// By id.
        nodes: Vec<MapNode>,
        /// By from, to and kind.
        edges: Vec<MapEdge>,
        /// The drawing, where asked for.
        layout: Option<MapLayout>,
    }
    /// A node of the map.
    MapNode {
        /// Name, or "db:", "msg:", "ext:" and name, or "user:".
        id: String,
        /// "service", "database", "messaging", "external", "user".
        kind: String,
        /// Spans counted.
        spans: u64,
        /// Error spans among them.
        errors: u64,
        /// Entry spans of a service; of other nodes the spans that name them.
        calls: u64,
        /// Failed ones, as a fraction 0..1; none without calls.
        error_rate: Option<f64>,
        /// Calls per second of the range.
        rate_per_s: Option<f64>,
        /// Median duration of the calls, nanoseconds.
        p50_ns: Option<f64>,
        /// 95th percentile.
        p95_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// TraceQL that finds its spans.
        q: String,
    }
    /// An edge of the map.
    MapEdge {
        /// Caller.
        from: String,
        /// Callee.
        to: String,
        /// "service", "link", "database", "messaging", "external", "user".
        kind: String,
        /// Calls.
        calls: u64,
        /// Failed ones.
        errors: u64,
        /// Fraction 0..1.
        error_rate: Option<f64>,
        /// Calls per second of the range.
        rate_per_s: Option<f64>,
        /// Median duration.
        p50_ns: Option<f64>,
        /// 95th percentile.
        p95_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// TraceQL that finds the counted spans; "" for links, which TraceQL cannot follow.
        q: String,
    }
    /// A drawing of the map, in pixels.
    MapLayout {
        /// Width of the whole.
        width: f64,
        /// Height of the whole.
        height: f64,
        /// Width and height of a node.
        node: (f64, f64),
        /// Top left corner by node.
        nodes: Vec<(f64, f64)>,
        /// Cubic Bézier curve by edge, from caller to callee; empty for one that runs like an earlier one.
        edges: Vec<Vec<(f64, f64)>>,
    }
}
