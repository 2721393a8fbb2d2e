//! Semantic-convention attribute keys, new and old names side by side.
//!
//! Source: OpenTelemetry semantic conventions v1.44.0 and the renames before it. Newer names stand first.

/// The resource attribute that names a service.
pub const SERVICE_NAME: &str = "service.name";
/// The name of a span event that records an exception.
pub const EXCEPTION_EVENT: &str = "exception";
/// Class of an exception.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Message of an exception.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// Stack trace of an exception, in the language's own form.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";

/// Which database product a client talks to.
pub const DB_SYSTEM: &[&str] = &["db.system.name", "db.system"];
/// Text of a database statement.
pub const DB_QUERY: &[&str] = &["db.query.text", "db.statement"];
/// Which messaging product is used.
pub const MESSAGING_SYSTEM: &[&str] = &["messaging.system"];
/// HTTP method.
pub const HTTP_METHOD: &[&str] = &["http.request.method", "http.method"];
/// HTTP route template.
pub const HTTP_ROUTE: &[&str] = &["http.route"];
/// HTTP response code.
pub const HTTP_STATUS: &[&str] = &["http.response.status_code", "http.status_code"];
/// Deployment environment.
pub const ENVIRONMENT: &[&str] = &["deployment.environment.name", "deployment.environment"];
