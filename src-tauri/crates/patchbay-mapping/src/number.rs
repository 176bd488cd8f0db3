//! Numbers as the adapter has them: an ECMAScript engine reads every JSON number as a double.

use serde_json::{Number, Value};

/// The double that the adapter works with.
pub(crate) fn double(number: &Number) -> f64 {
    // With every digit kept, a number beyond the range of doubles has no `as_f64`.
    number.as_f64().unwrap_or_else(|| number.to_string().parse().unwrap_or(f64::INFINITY))
}

/// `String(number)`.
pub(crate) fn text(number: &Number) -> String {
    of_double(double(number))
}

fn of_double(double: f64) -> String {
    // `-0` is written `0`.
    let double = if double == 0.0 { 0.0 } else { double };
    dragonbox_ecma::Buffer::new().format(double).to_owned()
}

/// A double as JSON: whole numbers without a point, what JSON does not have as `null`.
pub(crate) fn value(double: f64) -> Value {
    serde_json::from_str(&of_double(double)).unwrap_or_default()
}

/// The digits of a whole number that a double holds exactly.
pub(crate) fn safe_integer(number: &Number) -> Option<String> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    let double = double(number);
    (double.fract() == 0.0 && double.abs() <= LARGEST).then(|| of_double(double))
}

/// `JSON.stringify` of what was read: every number as a double.
pub(crate) fn settled(value: Value) -> Value {
    match value {
        Value::Number(number) => self::value(double(&number)),
        Value::Array(items) => items.into_iter().map(settled).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, settled(field))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{settled, text};
    use serde_json::{Value, json};

    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        for (written, expected) in [
            ("3", "3"),
            ("3.0", "3"),
            ("-0", "0"),
            ("0.5", "0.5"),
            ("1e21", "1e+21"),
            ("1e-7", "1e-7"),
            ("123456789012345680000", "123456789012345680000"),
            ("0.1", "0.1"),
            ("5e-324", "5e-324"),
            ("12345678901234567890", "12345678901234567000"),
        ] {
            let Value::Number(number) = serde_json::from_str(written).expect("JSON") else { panic!("{written}") };
            assert_eq!(text(&number), expected, "{written}");
        }
    }

    #[test]
    fn digits_that_a_double_does_not_hold_are_lost_as_in_the_adapter() {
        let read: Value = serde_json::from_str(r#"[9007199254740993, {"a": 2.50}]"#).expect("JSON");
        assert_eq!(settled(read).to_string(), json!([9_007_199_254_740_992_i64, { "a": 2.5 }]).to_string());
    }
}
