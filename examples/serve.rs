//! Serves the built page on this machine: `serve ROOT PORT [FILE…]`. What `./x serve` runs.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "../tests/support/server.rs"]
mod server;

use server::Server;

/// How many ports are tried after the wished one.
const MORE_PORTS: u16 = 50;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let root = arguments.next().map(PathBuf::from);
    let port = arguments.next().and_then(|port| port.to_str()?.parse::<u16>().ok());
    let (Some(root), Some(port)) = (root, port) else {
        eprintln!("usage: serve ROOT PORT [FILE...], with a port between 0 (any) and 65535");
        return ExitCode::from(2);
    };
    match start(&root, port, &arguments.map(PathBuf::from).collect::<Vec<_>>()) {
        Ok(server) => {
            println!("Spanscope is at {} (Ctrl-C ends it)", server.url());
            server.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("serve: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts on the wished port, or on the next free one.
fn start(root: &Path, wished: u16, files: &[PathBuf]) -> io::Result<Server> {
    for port in wished..=wished.saturating_add(MORE_PORTS) {
        match Server::start(root.to_path_buf(), files.to_vec(), port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => println!("port {port} is busy"),
            result => return result,
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("no free port from {wished} on")))
}
