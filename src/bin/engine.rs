//! The engine worker's entry point.

fn main() {
    #[cfg(target_arch = "wasm32")]
    spanscope::worker::start();
}
