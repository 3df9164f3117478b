//! Chance that everybody can throw again: `SplitMix64`, seeded by the tree root.
use crate::ledger::Hash;

/// [SplitMix64](https://doi.org/10.1145/2660193.2660195), the generator of 64 bits that needs four
/// lines.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice for one purpose under one tree root: the first 8 bytes, the first of them the
    /// highest, of SHA-256 of the text `commonhold health `, the purpose, a `:` and the root's 32
    /// bytes.
    #[must_use]
    pub fn new(purpose: &str, root: Hash) -> Self {
        let hash = Hash::of(&[b"commonhold health ", purpose.as_bytes(), b":", &root.0]);
        let (first, _) = hash.0.split_first_chunk().unwrap_or((&[0; 8], &[]));
        Self(u64::from_be_bytes(*first))
    }

    /// Dice that begin with this state.
    #[cfg(test)]
    pub fn seeded(state: u64) -> Self {
        Self(state)
    }

    /// The next 64 bits.
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 and below `end`: the high 64 bits of `throw() · end`. 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.throw()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// An index below `len`.
    pub fn index(&mut self, len: usize) -> usize {
        let end = u64::try_from(len).unwrap_or(u64::MAX);
        usize::try_from(self.below(end)).unwrap_or(0)
    }

    /// Shuffles in place after Fisher and Yates: for each i from the last down to 1, the items i
    /// and `below(i + 1)` change places.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let other = self.index(i + 1);
            items.swap(i, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_generator_of_that_name() {
        // The first numbers that the reference implementation gives for the seed 1234567.
        let mut dice = Dice::seeded(1_234_567);
        let thrown: Vec<u64> = (0..5).map(|_| dice.throw()).collect();
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(thrown, expected);
    }

    #[test]
    fn purposes_and_roots_have_dice_of_their_own() {
        let root = Hash([7; 32]);
        assert_eq!(Dice::new("shape", root).throw(), Dice::new("shape", root).throw());
        assert_ne!(Dice::new("shape", root).throw(), Dice::new("generosity", root).throw());
        assert_ne!(Dice::new("shape", root).throw(), Dice::new("shape", Hash([8; 32])).throw());
    }

    #[test]
    fn nothing_is_drawn_from_nothing() {
        assert_eq!(Dice::seeded(1).below(0), 0);
        Dice::seeded(1).shuffle::<u8>(&mut []);
    }
}
