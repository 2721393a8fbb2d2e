//! Attribute values in the script door's spelling.

use serde_json::{Map, Value as Json, json};

use crate::model::{Value, base64};

/// Attributes by key.
pub type AttributeMap = Map<String, Json>;

/// Puts attributes one by one. Collecting them would sort them first, with code of 20 KB for that alone.
pub fn to_map(members: impl Iterator<Item = (String, Json)>) -> AttributeMap {
    let mut map = AttributeMap::new();
    for (key, value) in members {
        map.insert(key, value);
    }
    map
}

/// Integers beyond this are not exact as JavaScript numbers.
const EXACT: i64 = 1 << 53;

/// A value as JSON that keeps its type: integers beyond 2^53 as `{"int": "…"}`, doubles that JSON lacks as
/// `{"double": "NaN"}`, bytes as `{"base64": "…"}`, the empty value as null.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Empty => Json::Null,
        Value::Str(s) => Json::String(s.clone()),
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) if (-EXACT..=EXACT).contains(i) => json!(i),
        Value::Int(i) => json!({"int": i.to_string()}),
        Value::Double(d) if d.is_finite() => json!(d),
        Value::Double(d) if d.is_nan() => json!({"double": "NaN"}),
        Value::Double(d) => json!({"double": if *d > 0.0 { "Infinity" } else { "-Infinity" }}),
        Value::Bytes(b) => json!({"base64": base64(b)}),
        Value::Array(values) => Json::Array(values.iter().map(to_json).collect()),
        Value::Map(members) => Json::Object(to_map(members.iter().map(|(k, v)| (k.clone(), to_json(v))))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_type_and_digits() {
        let check = |value: Value, want: &str| assert_eq!(to_json(&value).to_string(), want);
        check(Value::Int(3), "3");
        check(Value::Int(i64::MAX), r#"{"int":"9223372036854775807"}"#);
        check(Value::Double(f64::NAN), r#"{"double":"NaN"}"#);
        check(Value::Double(1.0), "1.0");
        check(Value::Bytes(vec![1, 2]), r#"{"base64":"AQI="}"#);
        check(Value::Array(vec![Value::Bool(true), Value::Empty]), "[true,null]");
        check(Value::Map(vec![("a".into(), Value::Str("b".into()))]), r#"{"a":"b"}"#);
    }
}
