//! The one place where something is fetched.
//!
//! Without referrer, and with cookies only for the page's own origin.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReferrerPolicy, Request, RequestCredentials, RequestInit, RequestMode, Response,
};

use super::Error;

/// Gives up a fetch that waits for its host.
#[derive(Clone, Debug)]
pub struct Abort(AbortController);

impl Abort {
    /// For one fetch.
    pub fn new() -> Result<Self, Error> {
        Ok(Self(AbortController::new()?))
    }

    /// Gives it up: the fetch fails.
    pub fn now(&self) {
        self.0.abort();
    }
}

/// A response whose body can be read, or a sentence that says why there is none.
pub async fn get(url: &str, abort: &Abort) -> Result<Response, Error> {
    let init = RequestInit::new();
    init.set_method("GET");
    init.set_signal(Some(&abort.0.signal()));
    init.set_mode(RequestMode::Cors);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    let host = host(url);
    let request = Request::new_with_str_and_init(url, &init)
        .map_err(|_| Error(format!("expected an http or https address, found \"{url}\"")))?;
    let fetch = js_sys::Reflect::get(&js_sys::global(), &"fetch".into())
        .ok()
        .and_then(|f| f.dyn_into::<js_sys::Function>().ok())
        .ok_or_else(|| Error("this browser cannot fetch".to_owned()))?;
    let promise: js_sys::Promise = fetch.call1(&JsValue::UNDEFINED, &request)?.unchecked_into();
    let response: Response = match JsFuture::from(promise).await {
        Ok(response) => response.unchecked_into(),
        Err(_) => return Err(refused(url, &host)),
    };
    if response.ok() {
        Ok(response)
    } else {
        let (status, text) = (response.status(), response.status_text());
        let hint = match status {
            401 | 403 => "; it wants a login or does not allow this",
            404 => "; is the address right?",
            _ => "",
        };
        Err(Error(format!("{host} answered {status} {text}{hint}: {url}").replace(" ;", ";")))
    }
}

/// A failed fetch says no reason to scripts; say the likely ones.
fn refused(url: &str, host: &str) -> Error {
    let location = super::page::location_href();
    if location.starts_with("https:") && url.starts_with("http:") {
        return Error(format!(
            "the browser refuses http addresses on an https page (mixed content); use https, or open the file itself: {url}"
        ));
    }
    Error(format!(
        "{host} cannot be reached, or does not allow this page to read from it (no CORS headers); \
         download the file and drop it here, or let {host} send Access-Control-Allow-Origin: {url}"
    ))
}

/// Host and port of an address, or the address itself.
pub fn host(url: &str) -> String {
    web_sys::Url::new(url).map_or_else(|_| url.to_owned(), |u| u.host())
}
