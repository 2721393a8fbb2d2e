//! Span kind and status code, as OTLP numbers them (opentelemetry-proto `trace.proto`).

/// What a span stands for between services.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[repr(u8)]
pub enum SpanKind {
    /// Not said; readers may take it as internal.
    #[default]
    Unspecified = 0,
    /// An operation inside a service.
    Internal = 1,
    /// The server side of a remote call.
    Server = 2,
    /// The client side of a remote call.
    Client = 3,
    /// Hands a message to a broker.
    Producer = 4,
    /// Processes a message from a broker.
    Consumer = 5,
}

/// The outcome that instrumentation or the application set on a span.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
#[repr(u8)]
pub enum StatusCode {
    /// Nothing was said.
    #[default]
    Unset = 0,
    /// The application vouches for success.
    Ok = 1,
    /// The operation failed. This alone makes an error span.
    Error = 2,
}

impl SpanKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 6] =
        [Self::Unspecified, Self::Internal, Self::Server, Self::Client, Self::Producer, Self::Consumer];

    /// The kind of an OTLP number; unknown numbers are unspecified.
    pub fn from_number(n: u64) -> Self {
        usize::try_from(n).ok().and_then(|i| Self::ALL.get(i).copied()).unwrap_or_default()
    }

    /// The lower-case word of the script door and of TraceQL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

impl StatusCode {
    /// Every code, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Unset, Self::Ok, Self::Error];

    /// The code of an OTLP number; unknown numbers are unset.
    pub fn from_number(n: u64) -> Self {
        usize::try_from(n).ok().and_then(|i| Self::ALL.get(i).copied()).unwrap_or_default()
    }

    /// The lower-case word of the script door and of TraceQL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}
