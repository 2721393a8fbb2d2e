//! The page's entry point.

fn main() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| spanscope::web::page::console_error(&panic.to_string())));
    #[cfg(target_arch = "wasm32")]
    leptos::mount::mount_to_body(spanscope::page::app::App);
}
