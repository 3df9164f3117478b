//! How long it takes, when some still wait: the median after Kaplan and Meier.

/// How long something took, or how long it has been waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Milliseconds.
    pub ms: i64,
    /// It came; otherwise it was still awaited when we looked.
    pub over: bool,
}

/// The share still waiting, when nobody has stopped yet.
const ALL: u128 = 1_000_000_000_000_000_000;

/// The time by which half have what they waited for; `None` as long as that is not known.
///
/// [Kaplan and Meier](https://doi.org/10.1080/01621459.1958.10501452): at each time at which some
/// stop waiting, in order, the share still waiting becomes share · (those who waited until then -
/// those who stop) / those who waited until then, begun with 10^18 and rounded down; the first time
/// with 5 · 10^17 or less is the median. Those who had waited in vain exactly that long are still
/// among those who waited.
#[must_use]
pub fn median_ms(mut waits: Vec<Wait>) -> Option<i64> {
    waits.sort_unstable_by_key(|wait| wait.ms);
    let mut waiting = u128::try_from(waits.len()).unwrap_or(0);
    let mut share = ALL;
    for same in waits.chunk_by(|a, b| a.ms == b.ms) {
        let over = u128::try_from(same.iter().filter(|wait| wait.over).count()).unwrap_or(0);
        share = share * (waiting - over) / waiting.max(1);
        if over > 0 && share <= ALL / 2 {
            return same.first().map(|wait| wait.ms);
        }
        waiting -= u128::try_from(same.len()).unwrap_or(0);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(of: &[(i64, bool)]) -> Vec<Wait> {
        of.iter().map(|(ms, over)| Wait { ms: *ms, over: *over }).collect()
    }

    #[test]
    fn without_anybody_waiting_it_is_the_plain_median() {
        assert_eq!(median_ms(waits(&[(5, true), (1, true), (3, true)])), Some(3));
        assert_eq!(median_ms(waits(&[(4, true), (1, true), (3, true), (2, true)])), Some(2));
        assert_eq!(median_ms(Vec::new()), None);
    }

    #[test]
    fn those_who_still_wait_push_it_back() {
        let answered = [(1, true), (2, true), (3, true)];
        let mut all = answered.to_vec();
        all.extend([(9, false), (9, false)]);
        assert_eq!(median_ms(waits(&all)), Some(3));
        all.push((9, false));
        assert_eq!(median_ms(waits(&all)), Some(3));
        all.push((9, false));
        assert_eq!(median_ms(waits(&all)), None);
    }

    #[test]
    fn the_textbook_example_comes_out() {
        // Remission of leukaemia (Freireich 1963, 6-MP): 21 people, 9 relapses, the median is 23
        // weeks.
        let over = [6, 6, 6, 7, 10, 13, 16, 22, 23];
        let not = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let all = over.map(|ms| (ms, true)).into_iter().chain(not.map(|ms| (ms, false)));
        assert_eq!(median_ms(waits(&all.collect::<Vec<_>>())), Some(23));
    }
}
