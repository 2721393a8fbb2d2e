//! A static web server for one machine: `./x serve` and the browser tests.
//!
//! Standard library only, so that `rustc` alone builds it in seconds. It serves a folder, a few chosen
//! files under `files/N/NAME`, and whatever fixed answers a test adds; it writes down what was asked for.
//!
//! ```no_run
//! let server = Server::start("dist".into(), vec!["trace.json".into()], 0)?;
//! println!("{}", server.url());
//! ```
#![allow(dead_code, unreachable_pub, reason = "shared by several programs, each of which uses a part")]

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The longest request head that is read, in bytes.
const MAX_HEAD: u64 = 64 * 1024;
/// How long a silent connection is kept. Browsers open some in advance and never use them.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// A fixed answer to one path, for tests: an error, a slow host, one with or without CORS headers.
#[derive(Clone, Debug)]
pub struct Route {
    /// The path that is answered, with its leading slash and without a query.
    pub path: String,
    /// The status code, as in `404`.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// Whether `Access-Control-Allow-Origin: *` is sent.
    pub cors: bool,
    /// How long the server waits before it answers.
    pub delay: Duration,
    /// What is sent.
    pub body: Vec<u8>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    files: Vec<PathBuf>,
    routes: Mutex<Vec<Route>>,
    log: Mutex<Vec<String>>,
    stopping: AtomicBool,
}

impl Server {
    /// Serves the folder `root`, and `files` under `files/N/NAME`, on 127.0.0.1. Port 0 takes any free
    /// one. Where `files` are given, `/` redirects to the page with each of them as a `src=`.
    ///
    /// Fails when the root has no `index.html`, a file is missing, or the port is taken
    /// ([`io::ErrorKind::AddrInUse`]).
    pub fn start(mut root: PathBuf, files: Vec<PathBuf>, port: u16) -> io::Result<Server> {
        root = root.canonicalize().map_err(|error| about(&root, &error))?;
        for file in files.iter().chain([&root.join("index.html")]) {
            let meta = file.metadata().map_err(|error| about(file, &error))?;
            if !meta.is_file() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("{}: not a file", file.display()),
                ));
            }
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            root,
            files,
            routes: Mutex::default(),
            log: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let acceptor = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || accept(&listener, &shared))
        };
        Ok(Server { address, shared, acceptor: Some(acceptor) })
    }

    /// The address to open, with a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The address, relative to [`Server::url`], of the chosen file number `index`.
    pub fn file_url(&self, index: usize) -> Option<String> {
        self.shared.file_url(index)
    }

    /// Adds a fixed answer; a later one for the same path replaces an earlier one.
    pub fn route(&self, route: Route) {
        let mut routes = lock(&self.shared.routes);
        routes.retain(|old| old.path != route.path);
        routes.push(route);
    }

    /// What was asked for so far: paths with their queries, as they came, oldest first.
    pub fn log(&self) -> Vec<String> {
        lock(&self.shared.log).clone()
    }

    /// Waits until the server ends, which it does not by itself.
    pub fn wait(mut self) {
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        if let Some(acceptor) = self.acceptor.take() {
            // One more connection wakes the acceptor; without it, joining would wait for ever.
            if TcpStream::connect(self.address).is_ok() {
                let _ = acceptor.join();
            }
        }
    }
}

impl Route {
    /// A plain text answer without CORS headers.
    pub fn text(path: &str, status: u16, body: &str) -> Route {
        Route {
            path: path.to_owned(),
            status,
            content_type: "text/plain; charset=utf-8",
            cors: false,
            delay: Duration::ZERO,
            body: body.as_bytes().to_vec(),
        }
    }

    /// The same answer, readable from any origin.
    #[must_use]
    pub fn with_cors(self) -> Route {
        Route { cors: true, ..self }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        // A broken connection is the browser's choice: nobody is told.
        thread::spawn(move || drop(shared.answer(&stream)));
    }
}

impl Shared {
    /// Reads one request and answers it; every connection carries one.
    fn answer(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.take(MAX_HEAD));
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut header = String::new();
        while reader.read_line(&mut header)? > 2 {
            header.clear();
        }
        let mut words = line.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(());
        };
        lock(&self.log).push(target.to_owned());
        let mut reply = Reply { stream, head_only: method == "HEAD", cors: false };
        if method != "GET" && method != "HEAD" {
            return reply.text(405, "only GET and HEAD are answered here");
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let route = lock(&self.routes).iter().find(|route| route.path == path).cloned();
        if let Some(route) = route {
            thread::sleep(route.delay);
            reply.cors = route.cors;
            return reply.send(route.status, route.content_type, route.body.len() as u64, &route.body[..]);
        }
        if path == "/" && !self.files.is_empty() {
            return reply.redirect(&self.start_page());
        }
        let Some(path) = decode(path) else {
            return reply.text(400, "the path is not percent-encoded UTF-8");
        };
        reply.cors = path.starts_with("/files/") && query.split('&').any(|pair| pair == "cors=1");
        match self.find(&path) {
            Some(file) => reply.file(&file),
            None => reply.text(404, "not found"),
        }
    }

    /// The file behind a decoded path, if there is one inside the root or among the chosen files.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let path = path.strip_prefix('/')?;
        if let Some((index, name)) = path.strip_prefix("files/").and_then(|rest| rest.split_once('/')) {
            let file = self.files.get(index.parse::<usize>().ok()?)?;
            return (file.file_name()?.to_string_lossy() == name).then(|| file.clone());
        }
        let path = if path.is_empty() { "index.html" } else { path };
        // Links may point anywhere: only what really lies under the root is served.
        let file = self.root.join(path).canonicalize().ok()?;
        (file.starts_with(&self.root) && file.is_file()).then_some(file)
    }

    fn file_url(&self, index: usize) -> Option<String> {
        let name = self.files.get(index)?.file_name()?.to_string_lossy();
        Some(format!("files/{index}/{}", encode(&name)))
    }

    /// The page's address that opens the chosen files.
    fn start_page(&self) -> String {
        let mut page = String::from("/index.html#/services?v=1");
        for url in (0..self.files.len()).filter_map(|index| self.file_url(index)) {
            page.push_str("&src=");
            // Encoded once as a part of a path and once more as a value in a query.
            page.push_str(&encode(&url));
        }
        page
    }
}

/// One answer on its way out.
struct Reply<'a> {
    stream: &'a TcpStream,
    head_only: bool,
    cors: bool,
}

impl Reply<'_> {
    fn text(&self, status: u16, message: &str) -> io::Result<()> {
        self.send(status, "text/plain; charset=utf-8", message.len() as u64, message.as_bytes())
    }

    fn file(&self, path: &Path) -> io::Result<()> {
        match File::open(path).and_then(|file| Ok((file.metadata()?.len(), file))) {
            Ok((len, file)) => self.send(200, content_type(path), len, file),
            Err(error) => self.text(500, &error.to_string()),
        }
    }

    fn redirect(&self, location: &str) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        );
        let mut stream = self.stream;
        stream.write_all(head.as_bytes())
    }

    fn send(&self, status: u16, content_type: &str, len: u64, body: impl Read) -> io::Result<()> {
        let reason = if status < 400 { "OK" } else { "Error" };
        let cors = if self.cors { "Access-Control-Allow-Origin: *\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {len}\r\n{cors}\
             X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        );
        let mut stream = self.stream;
        stream.write_all(head.as_bytes())?;
        if !self.head_only {
            // No more than promised, should the file grow meanwhile.
            io::copy(&mut body.take(len), &mut stream)?;
        }
        Ok(())
    }
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" | "jsonl" => "application/json",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Undoes percent-encoding; nothing where it is broken or not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Percent-encodes everything that could mean something in a path, a query or a hash; slashes stay.
fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
        }
    }
    encoded
}

/// The same error, with the path that it is about.
fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Locks, whatever happened to the thread that held the lock before: the lists are never half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
