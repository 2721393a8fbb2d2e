//! Makes of a list of requests their types, the enum of all of them, and their wire form both ways.

macro_rules! requests {
    ($( $(#[$doc:meta])* $name:ident / $word:literal -> $answer:ty { $( $(#[$field_doc:meta])* $field:ident : $kind:ty ),* $(,)? } )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $name {
                $( $(#[$field_doc])* pub $field: $kind, )*
            }

            impl Take for $name {
                fn take(json: Json) -> Result<Self, Wrong> {
                    #[allow(unused_mut, unused_variables, reason = "some requests have no fields")]
                    let mut fields = Fields::of(json)?;
                    Ok(Self { $( $field: fields.get(stringify!($field))?, )* })
                }
            }

            impl From<$name> for Request {
                fn from(body: $name) -> Self {
                    Self::$name(body)
                }
            }

            impl Question for $name {
                type Answer = $answer;
            }
        )*

        /// Any request.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each variant is documented at its type")]
        pub enum Request {
            $( $name($name), )*
        }

        impl Request {
            /// The words of the `ask` field, in the order of the documentation.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word of the `ask` field.
            pub fn word(&self) -> &'static str {
                match self {
                    $( Self::$name(_) => $word, )*
                }
            }

            /// The wire form: a JSON object with the word in its `ask` field and what is not the default.
            pub fn to_json(&self) -> String {
                let mut out = String::new();
                let mut object = Object::new(&mut out);
                object.field("ask", &WordOf(self.word()));
                match self {
                    $( Self::$name(body) => {
                        let _ = body;
                        $( if !is_default(&body.$field) {
                            object.field(stringify!($field), &body.$field);
                        } )*
                    } )*
                }
                object.end();
                out
            }

            /// Reads the wire form; the error is a sentence for the person who asked.
            pub fn from_json(text: &str) -> Result<Self, String> {
                let mut json = parse(text).map_err(|error| format!("the request is not JSON: {error}"))?;
                let Some(fields) = json.as_object_mut() else {
                    return Err("a request is an object such as {ask: \"services\"}".into());
                };
                let Some(Json::String(word)) = fields.remove("ask") else {
                    return Err(format!("a request needs a field ask, one of: {}", Self::WORDS.join(", ")));
                };
                let explain = |wrong: Wrong| format!("the request \"{word}\" is not understood: {wrong}");
                match word.as_str() {
                    $( $word => Take::take(json).map(Self::$name).map_err(explain), )*
                    _ => Err(format!("\"{word}\" is no request; known are: {}", Self::WORDS.join(", "))),
                }
            }
        }
    };
}
