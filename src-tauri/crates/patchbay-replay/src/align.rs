//! Which item of one list belongs to which of another, in order and at the least cost, so that one item too many is one
//! finding and not a shift of everything behind it.

/// Beyond so many pairs of items, lists are taken item by item: the table would cost more than it tells.
const MOST_PAIRS: usize = 40_000;

/// One step through both lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An item of each, by their indices.
    Both(usize, usize),
    /// An item that only the left list has.
    Left(usize),
    /// An item that only the right list has.
    Right(usize),
}

/// What steps cost. An item alone costs 1 at most.
pub trait Cost {
    /// Of two items together: 0 where they are alike, `None` where they cannot be the same thing.
    fn both(&self, left: usize, right: usize) -> Option<f64>;
    /// Of an item of the left list alone.
    fn left(&self, _left: usize) -> f64 {
        1.0
    }
}

/// The cheapest way through two lists of these lengths. Of equal ones that which takes items together early.
pub fn align(left: usize, right: usize, cost: &impl Cost) -> Vec<Step> {
    let alike = |left: usize, right: usize| cost.both(left, right) == Some(0.0);
    let shorter = left.min(right);
    let head = (0..shorter).take_while(|&at| alike(at, at)).count();
    let tail = (0..shorter - head).take_while(|&at| alike(left - 1 - at, right - 1 - at)).count();
    let mut steps: Vec<Step> = (0..head).map(|at| Step::Both(at, at)).collect();
    middle(head..left - tail, head..right - tail, cost, &mut steps);
    steps.extend((0..tail).rev().map(|at| Step::Both(left - 1 - at, right - 1 - at)));
    steps
}

fn middle(left: std::ops::Range<usize>, right: std::ops::Range<usize>, cost: &impl Cost, steps: &mut Vec<Step>) {
    let (rows, columns) = (left.len(), right.len());
    if rows * columns > MOST_PAIRS {
        let together = rows.min(columns);
        steps.extend((0..together).map(|at| Step::Both(left.start + at, right.start + at)));
        steps.extend((left.start + together..left.end).map(Step::Left));
        steps.extend((right.start + together..right.end).map(Step::Right));
        return;
    }
    // least[row][column]: the cost of everything from that row and column on.
    let width = columns + 1;
    let mut least = vec![0.0_f64; (rows + 1) * width];
    let mut pairs = vec![None; rows * columns];
    for row in (0..=rows).rev() {
        for column in (0..=columns).rev() {
            let at = row * width + column;
            let mut best = if row == rows && column == columns { 0.0 } else { f64::INFINITY };
            if row < rows {
                best = best.min(cost.left(left.start + row) + least[at + width]);
            }
            if column < columns {
                best = best.min(1.0 + least[at + 1]);
            }
            if row < rows && column < columns {
                let pair = cost.both(left.start + row, right.start + column);
                pairs[row * columns + column] = pair;
                best = pair.map_or(best, |pair| best.min(pair + least[at + width + 1]));
            }
            least[at] = best;
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        let at = row * width + column;
        // The same sums as above, so that they are equal to the last bit.
        let is_least = |sum: f64| sum.total_cmp(&least[at]).is_eq();
        let pair = if row < rows && column < columns { pairs[row * columns + column] } else { None };
        if pair.is_some_and(|pair| is_least(pair + least[at + width + 1])) {
            steps.push(Step::Both(left.start + row, right.start + column));
            (row, column) = (row + 1, column + 1);
        } else if row < rows && is_least(cost.left(left.start + row) + least[at + width]) {
            steps.push(Step::Left(left.start + row));
            row += 1;
        } else {
            steps.push(Step::Right(right.start + column));
            column += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, Step, align};
    use proptest::prelude::*;

    struct Letters<'a>(&'a [u8], &'a [u8]);

    impl Cost for Letters<'_> {
        fn both(&self, left: usize, right: usize) -> Option<f64> {
            let (left, right) = (self.0[left], self.1[right]);
            if left == right {
                Some(0.0)
            } else if left.eq_ignore_ascii_case(&right) {
                Some(0.5)
            } else {
                None
            }
        }
    }

    fn shown(left: &str, right: &str) -> String {
        let (left, right) = (left.as_bytes(), right.as_bytes());
        let step = |step| match step {
            Step::Both(at, with) if left[at] == right[with] => format!("{}", char::from(left[at])),
            Step::Both(at, with) => format!("{}/{}", char::from(left[at]), char::from(right[with])),
            Step::Left(at) => format!("-{}", char::from(left[at])),
            Step::Right(at) => format!("+{}", char::from(right[at])),
        };
        align(left.len(), right.len(), &Letters(left, right)).into_iter().map(step).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_item_more_or_less_is_one_step() {
        for (left, right, steps) in [
            ("", "", ""),
            ("abc", "abc", "a b c"),
            ("abc", "ac", "a -b c"),
            ("ac", "abc", "a +b c"),
            ("abc", "", "-a -b -c"),
            ("", "ab", "+a +b"),
            ("abc", "aBc", "a b/B c"),
            ("abc", "bcd", "-a b c +d"),
            ("aab", "ab", "a -a b"),
            ("abcd", "aBd", "a b/B -c d"),
        ] {
            assert_eq!(shown(left, right), steps, "{left} and {right}");
        }
    }

    #[test]
    fn lists_too_long_for_a_table_are_taken_item_by_item() {
        let (left, right) = (vec![b'a'; 400], vec![b'b'; 300]);
        let steps = align(left.len(), right.len(), &Letters(&left, &right));
        assert_eq!(steps.len(), 400);
        assert_eq!(steps[299..301], [Step::Both(299, 299), Step::Left(300)]);
    }

    proptest! {
        #[test]
        fn every_item_of_both_lists_has_its_place_in_order(left in "[abAB]{0,12}", right in "[abAB]{0,12}") {
            let steps = align(left.len(), right.len(), &Letters(left.as_bytes(), right.as_bytes()));
            let lefts: Vec<usize> = steps.iter().filter_map(|step| match step {
                Step::Both(at, _) | Step::Left(at) => Some(*at),
                Step::Right(_) => None,
            }).collect();
            let rights: Vec<usize> = steps.iter().filter_map(|step| match step {
                Step::Both(_, at) | Step::Right(at) => Some(*at),
                Step::Left(_) => None,
            }).collect();
            prop_assert_eq!(lefts, (0..left.len()).collect::<Vec<_>>());
            prop_assert_eq!(rights, (0..right.len()).collect::<Vec<_>>());
        }
    }
}
