//! Deviations that are read all the same: each is counted and named in the report, never silent.
//!
//! The list follows `specs/otlp.md` §6.1: what files of real exporters, back ends and hand-written tools hold.

macro_rules! repairs {
    ($($(#[$doc:meta])* $name:ident $text:literal)*) => {
        /// A deviation from the form that was read all the same.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Repair { $($(#[$doc])* $name),* }

        impl Repair {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }

        /// How many repairs there are.
        pub(crate) const REPAIRS: usize = [$(Repair::$name),*].len();
    };
}

repairs! {
    /// Ids in base64 rather than hex (protojson, Tempo).
    Base64Ids "ids were in base64"
    /// Ids with `0x` before them.
    PrefixedIds "ids began with 0x"
    /// Ids in the shape of a UUID.
    UuidIds "ids had dashes, as a UUID"
    /// Ids shorter than they should be, padded on the left.
    ShortIds "ids were short and got zeros in front"
    /// Ids as arrays or objects of byte numbers.
    ByteIds "ids were lists of byte numbers"
    /// Ids of a wrong length or alphabet: a stable stand-in was made of their text.
    OpaqueIds "ids were not valid and got a stand-in made of their text"
    /// Spans without a trace id or span id.
    MissingIds "ids of spans were absent or all zero"
    /// Kinds and status codes by name.
    EnumNames "kinds or status codes were names rather than numbers"
    /// Kinds and status codes that do not exist.
    UnknownEnums "kinds or status codes are unknown and count as not said"
    /// Keys in snake_case.
    SnakeKeys "spans had keys in snake_case"
    /// `instrumentationLibrarySpans` and the like.
    LegacyKeys "groups had keys of OTLP before 0.15 (instrumentationLibrary…)"
    /// The same spans under the new and the old key.
    LegacyTwice "groups stood twice, under the new key and an old one; the second was left out"
    /// Attributes as a plain map rather than a list.
    PlainMaps "attribute lists were plain maps"
    /// Attribute values without their type wrapper.
    PlainValues "attribute values stood without their type"
    /// Times as floating-point numbers: digits are lost.
    FloatTimes "times were written as floating point; their last digits are not exact"
    /// Times as text dates.
    IsoTimes "times were dates in text"
    /// Times in seconds, milliseconds or microseconds.
    TimeUnits "times were taken for seconds, milliseconds or microseconds by their size"
    /// Times that could not be read.
    BadTimes "times could not be read and count as unknown"
    /// 64-bit numbers as {low, high}.
    SplitNumbers "64-bit numbers were split in low and high halves"
    /// Numbers that do not fit their field.
    BadNumbers "numbers did not fit their field"
    /// Values of a type that does not belong in their place.
    WrongTypes "values were of a type that does not belong in their place and were left out"
    /// Keys that came twice in one list of attributes.
    RepeatedKeys "attribute keys came twice in one list; the last one counts"
    /// Attribute values nested too deeply.
    DeepValues "attribute values were nested deeper than 100 levels and cut there"
    /// What a console left out of what it printed.
    CutValues "values were cut by the program that printed them; its remark stands in their place"
    /// Spans outside of groups.
    BareSpans "spans stood alone, without the resource and scope that OTLP puts around them"
    /// NaN and Infinity without quotes.
    BareNan "numbers were a bare NaN or Infinity, which is not JSON"
    /// Text that was not UTF-8.
    InvalidText "texts were not valid UTF-8; the bad bytes show as \u{fffd}"
    /// Half of a surrogate pair in a JSON string.
    LoneSurrogates "texts held half of a surrogate pair; it shows as \u{fffd}"
    /// Bytes in a base64 field that are not base64.
    BadBase64 "byte values were not base64 and are kept as text"
    /// Half of a request that Zipkin's B3 propagation shares between client and server.
    SharedSpans "spans share their id with the client's half (Zipkin); they hang below it"
    /// The other side of a Zipkin span.
    RemoteEndpoints "spans name a remote endpoint, which is not kept"
    /// A text reference into a profile's dictionary, which traces do not have.
    StringIndexes "attribute values were references into a dictionary that traces do not have"
}

impl Repair {
    /// The repair in words, if it happened.
    pub(crate) fn words(self, count: u64) -> Option<String> {
        (count > 0).then(|| format!("{count} {}", self.text()))
    }
}
