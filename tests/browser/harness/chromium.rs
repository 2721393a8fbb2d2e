//! A chromedriver with one fresh Chromium: own profile, no name but the loopback's resolves, a log of its network.
//!
//! Shared by the browser tests and the browser benchmark.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::command::{Command as Wire, FormatRequestData};
use thirtyfour::prelude::*;
use thirtyfour::{LoggingPrefsLogLevel, RequestData, SessionId};

/// A name that leads to this machine: another host to the page, and no way out of the machine.
pub const FOREIGN_HOST: &str = "traces.example";

/// How long a script may take before the driver gives it up.
const PATIENCE: Duration = Duration::from_mins(5);

/// Numbers the profiles of one run.
static SESSIONS: AtomicU32 = AtomicU32::new(0);

/// A running browser. Call [`Chromium::stop`]: a dropped one leaves a process behind.
pub struct Chromium {
    /// The session.
    pub web: WebDriver,
    driver: Driver,
    profile: PathBuf,
}

/// The chromedriver process; ends with this value.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that `WebDriver` does not have and chromedriver does.
#[derive(Debug)]
struct Extra {
    endpoint: &'static str,
    body: Value,
}

impl FormatRequestData for Extra {
    fn format_request(&self, session: &SessionId) -> RequestData {
        // A POST like this one, with another end and body.
        let mut request = Wire::GetLog("".into()).format_request(session);
        request.uri = format!("session/{session}{}", self.endpoint).into();
        request.body = Some(self.body.clone());
        request
    }
}

impl Chromium {
    /// Starts a browser with more `flags` than the usual ones.
    pub async fn start(flags: &[&str]) -> Chromium {
        let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let profile = env::temp_dir().join(format!("spanscope-browser-{}-{number}", std::process::id()));
        fs::create_dir_all(&profile).expect("a folder for the browser's profile");
        // Two drivers that start at once may reach for the same port: the loser ends.
        let (driver, port) = (0..3).find_map(|_| start_driver()).expect("chromedriver says its port");
        let mut wanted = DesiredCapabilities::chrome();
        let binary = setting("SPANSCOPE_CHROMIUM");
        wanted.set_binary(&binary).expect("a path is text");
        let own = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-extensions".to_owned(),
            "--window-size=1440,900".to_owned(),
            format!("--user-data-dir={}", profile.display()),
            format!("--log-net-log={}", profile.join("net.json").display()),
            format!("--host-resolver-rules=MAP {FOREIGN_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
        ];
        for flag in own.iter().map(String::as_str).chain(flags.iter().copied()) {
            wanted.add_arg(flag).expect("a flag is text");
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a log level is text");
        let connect = || {
            let builder = WebDriver::builder(format!("http://127.0.0.1:{port}"), wanted.clone());
            builder.request_timeout(PATIENCE).connect()
        };
        let web = match connect().await {
            Ok(web) => web,
            // The driver waits a minute for Chromium; a machine that compiles meanwhile may need longer.
            Err(error) => {
                println!(
                    "starting Chromium once more: {}",
                    error.to_string().lines().next().unwrap_or_default()
                );
                connect().await.expect("chromedriver starts Chromium")
            }
        };
        web.set_script_timeout(PATIENCE).await.expect("a script timeout");
        Chromium { web, driver, profile }
    }

    /// Ends the browser and gives the hosts that the page, its workers and its documents asked for.
    pub async fn stop(self) -> Vec<String> {
        self.web.quit().await.expect("Chromium ends");
        drop(self.driver);
        let log = fs::read_to_string(self.profile.join("net.json")).unwrap_or_default();
        // Chromium may still be writing: the folder then stays in the temporary one.
        let _ = fs::remove_dir_all(&self.profile);
        page_requests(&log)
    }

    /// A command of the Chrome `DevTools` protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.extra("/goog/cdp/execute", body).await
    }

    /// What the console and the browser wrote since the last call: (level, message).
    pub async fn console(&self) -> Vec<(String, String)> {
        let log = self.extra("/se/log", json!({"type": "browser"})).await;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let entries = log.as_array().map(Vec::as_slice).unwrap_or_default();
        entries.iter().map(|entry| (text(entry, "level"), text(entry, "message"))).collect()
    }

    async fn extra(&self, endpoint: &'static str, body: Value) -> Value {
        let reply = self.web.handle().cmd(Extra { endpoint, body }).await.expect(endpoint);
        reply.value().expect(endpoint)
    }
}

/// A setting that `./x test` and `./x bench` make.
pub fn setting(name: &str) -> String {
    env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run this through ./x test browser or ./x bench"))
}

/// The folder with the built page.
pub fn dist() -> PathBuf {
    let dist = PathBuf::from(setting("SPANSCOPE_DIST"));
    assert!(dist.join("index.html").is_file(), "{}: no built page there", dist.display());
    dist
}

/// Starts chromedriver on a free port, which it prints; none when it ends instead.
fn start_driver() -> Option<(Driver, u16)> {
    let program = setting("SPANSCOPE_CHROMEDRIVER");
    let mut child = Command::new(Path::new(&program))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let stdout = child.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(stdout).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let (_, tail) = line.split_once("started successfully on port ")?;
        tail.trim_end_matches('.').parse().ok()
    });
    // Read on, or the driver would stop at a full pipe one day.
    std::thread::spawn(move || lines.for_each(drop));
    let driver = Driver(child);
    Some((driver, port?))
}

/// The addresses in Chromium's network log that a web page caused. Requests that the browser makes on its own
/// behalf have no origin as their initiator.
fn page_requests(log: &str) -> Vec<String> {
    let mut urls = Vec::new();
    for line in log.lines().filter(|line| line.contains("\"initiator\":\"http")) {
        let url = line.split_once("\"url\":\"").and_then(|(_, tail)| tail.split_once('"'));
        urls.extend(url.map(|(url, _)| url.to_owned()));
    }
    urls
}
