//! Shares of whole numbers, in basis points, with their ranges: integers alone, so that everybody
//! who recounts comes to the same.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All of it: 10,000 basis points.
pub const WHOLE_BP: u64 = 10_000;
/// z = 196/100 (95 %), squared, in 1/10,000.
const Z_SQUARED: u128 = 38_416;

/// A share and where the truth behind it lies in 95 of 100 cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Range {
    /// The share itself, in basis points.
    pub bp: u64,
    /// Lower end, in basis points.
    pub low: u64,
    /// Upper end, in basis points.
    pub high: u64,
}

/// `part` of `of` in basis points, rounded down; nothing of nothing is nothing.
#[must_use]
pub fn basis_points(part: u64, of: u64) -> u64 {
    let share = u128::from(part) * u128::from(WHOLE_BP) / u128::from(of).max(1);
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// The share with its [Wilson score interval][1], ends rounded down.
///
/// With x of n, and s the integer square root of 40,000 · 38,416 · x(n - x) / n + 38,416² (the
/// quotient rounded down): (20,000 x + 38,416 ± s) / (20,000 n + 76,832).
///
/// [1]: https://doi.org/10.1080/01621459.1927.10502953
#[must_use]
pub fn wilson(part: u64, of: u64) -> Option<Range> {
    if of == 0 {
        return None;
    }
    let (n, x) = (u128::from(of), u128::from(part.min(of)));
    let spread =
        40_000 * Z_SQUARED * (x * (n - x) / n) + 40_000 * Z_SQUARED * (x * (n - x) % n) / n;
    let root = (spread + Z_SQUARED * Z_SQUARED).isqrt();
    let (middle, whole) = (20_000 * x + Z_SQUARED, 20_000 * n + 2 * Z_SQUARED);
    let share = |top: u128| u64::try_from(u128::from(WHOLE_BP) * top / whole).unwrap_or(WHOLE_BP);
    Some(Range {
        bp: basis_points(part.min(of), of),
        low: share(middle.saturating_sub(root)),
        high: share(middle + root).min(WHOLE_BP),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_intervals_come_out() {
        // Computed with 50 digits elsewhere.
        assert_eq!(wilson(0, 10), Some(Range { bp: 0, low: 0, high: 2775 }));
        assert_eq!(wilson(5, 10), Some(Range { bp: 5000, low: 2365, high: 7634 }));
        assert_eq!(wilson(10, 10), Some(Range { bp: 10_000, low: 7224, high: 10_000 }));
        assert_eq!(wilson(40, 100), Some(Range { bp: 4000, low: 3094, high: 4979 }));
        assert_eq!(wilson(1, 0), None);
    }

    proptest! {
        #[test]
        fn a_range_holds_its_share(part in 0..u64::MAX, more in 0..u64::MAX) {
            let of = part.saturating_add(more).max(1);
            let range = wilson(part, of).unwrap();
            prop_assert!(range.low <= range.bp && range.bp <= range.high && range.high <= WHOLE_BP);
        }

        #[test]
        fn it_is_the_textbooks_interval(part in 0..5000_u32, more in 1..5000_u32) {
            let (x, n, z) = (f64::from(part), f64::from(part + more), 1.96_f64);
            let middle = (x + z * z / 2.0) / (n + z * z);
            let half = z / (n + z * z) * (x * (n - x) / n + z * z / 4.0).sqrt();
            let range = wilson(part.into(), (part + more).into()).unwrap();
            for (bp, exact) in [(range.low, middle - half), (range.high, middle + half)] {
                prop_assert!((f64::from(u32::try_from(bp).unwrap()) - exact * 1e4).abs() < 1.01);
            }
        }
    }
}
