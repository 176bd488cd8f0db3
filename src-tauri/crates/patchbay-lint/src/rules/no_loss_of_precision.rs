use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use oxc::ast::{AstKind, AstType};
use oxc::syntax::number::NumberBase;

pub struct NoLossOfPrecision;

static DOCS: Docs = Docs {
    id: "no-loss-of-precision",
    group: Group::Correctness,
    severity: Severity::Error,
    what: "A number literal that JavaScript cannot hold as it is written. Same as oxlint's `no-loss-of-precision`.",
    why: "The program runs with another number: an id or an amount with changed last digits.",
    good: "const account = '90071992547409931';",
};

impl Rule for NoLossOfPrecision {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for node in file.of_type(AstType::NumericLiteral) {
                let AstKind::NumericLiteral(literal) = node.kind() else { continue };
                let Some(raw) = literal.raw.as_ref() else { continue };
                // Fifteen digits always fit; most literals end here.
                if raw.len() > 15 || raw.contains(['e', 'E']) {
                    let raw = raw.replace('_', "");
                    if !is_exact(&raw, literal.value, literal.base) {
                        context
                            .report(file, literal.span, format!("JavaScript reads this number as {}", literal.value))
                            .help("Write ids as texts and large amounts as BigInt (`…n`)");
                    }
                }
            }
        }
    }
}

/// Whether a number is what its text says, to the last digit that stands there.
fn is_exact(raw: &str, value: f64, base: NumberBase) -> bool {
    if base != NumberBase::Decimal && base != NumberBase::Float {
        let digits = raw.get(2..).unwrap_or_default().trim_start_matches('0').to_ascii_lowercase();
        let bits_in_digit = match base {
            NumberBase::Hex => 4,
            NumberBase::Octal => 3,
            _ => 1,
        };
        return is_exact_power(&digits, bits_in_digit);
    }
    let Some((digits, exponent)) = scientific(raw) else { return true };
    if digits.is_empty() {
        return true;
    }
    if digits.len() > 100 || !value.is_finite() {
        return false;
    }
    let stored = format!("{:.*e}", digits.len() - 1, value);
    scientific(&stored) == Some((digits, exponent))
}

/// Whether a number in base 2, 8 or 16 fits: from its first to its last one there are at most 53 bits.
fn is_exact_power(digits: &str, bits_in_digit: u32) -> bool {
    let bits: String = digits
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| format!("{digit:0width$b}", width = bits_in_digit as usize))
        .collect();
    let significant = bits.trim_start_matches('0');
    significant.len() <= 1024 && significant.trim_end_matches('0').len() <= 53
}

/// Significant digits of a decimal number and the power of ten of the first one.
fn scientific(raw: &str) -> Option<(String, i64)> {
    let (mantissa, exponent) = match raw.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (raw, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let zeros = all.len() - significant.len();
    let first = i64::try_from(whole.len()).ok()? - 1 - i64::try_from(zeros).ok()?;
    Some((significant.trim_end_matches('0').to_owned(), first + exponent))
}

#[cfg(test)]
mod tests {
    use crate::tester::{handler, test};

    #[test]
    fn cases() {
        test(
            &super::NoLossOfPrecision,
            &[
                handler(
                    "return { a: 9007199254740992, b: 1.5, c: 1e21, d: 100000000000000000000000, e: 0x1fffffffffffff, f: 123456789.123 };",
                ),
                handler(
                    "return { id: '90071992547409931', big: String(90071992547409931n), z: 0.00000000000000000001, y: 1.50000000000000000000 };",
                ),
                handler("return { a: 1e3, b: 5e-324, c: 0e0, d: 1_000_000_000_000_000 };"),
            ],
            &[
                handler("return { id: 90071992547409931 };"),
                handler("return { a: 0.1000000000000000000000001, b: 0x20000000000001 };"),
                handler("return { a: 9_007_199_254_740_993, b: 2e999 };"),
            ],
        );
    }
}
