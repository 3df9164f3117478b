//! Is help carried by many or by few (H3)?
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    held::Holder,
    ratio::basis_points,
    report::MIN_CELL,
    scene::{Help, Scene},
    shape::MIN_PEOPLE,
};

/// Nothing is said of fewer receipts.
pub const MIN_RECEIPTS: u64 = 30;

/// How help is spread, seen in three ways.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Concentration {
    /// Over people, staff one by one.
    pub by_person: Spread,
    /// Over the servers of those who help.
    pub by_server: Spread,
    /// Over parties, all staff of an operator being one.
    pub by_party: Spread,
}

/// How evenly help is spread.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Spread {
    /// Who gives most; nothing where that is one to four receipts.
    pub largest: Option<Largest>,
    /// Σ x(x - 1) / (m(m - 1)): how likely two receipts, picked at random, have the same helper.
    pub hhi_bp: u64,
    /// That in a word.
    pub word: Evenness,
    /// The fewest that give half of all help.
    pub give_half: u64,
}

/// The largest share.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Largest {
    /// Whose it is, as far as that may be said.
    pub holder: Holder,
    /// Receipts.
    pub given: u64,
    /// Of all, in basis points.
    pub bp: u64,
}

/// The index in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evenness {
    /// Below 10 %.
    Even,
    /// From 10 % on.
    Watch,
    /// From 18 % on.
    LeaningOnFew,
    /// From 30 % on.
    CarriedByOne,
}

impl Evenness {
    /// The word for an index in basis points.
    #[must_use]
    pub fn of(hhi_bp: u64) -> Self {
        match hhi_bp {
            0..1_000 => Self::Even,
            1_000..1_800 => Self::Watch,
            1_800..3_000 => Self::LeaningOnFew,
            3_000.. => Self::CarriedByOne,
        }
    }
}

/// How the window's help is spread, from 12 people and 30 receipts on.
pub fn concentration(scene: &Scene<'_>, people: u64) -> Option<Concentration> {
    let receipts = u64::try_from(scene.help.len()).unwrap_or(u64::MAX);
    if receipts < MIN_RECEIPTS || people < MIN_PEOPLE {
        return None;
    }
    let server = |help: &Help| scene.tally.people.get(help.giver).map_or(0, |person| person.server);
    let party = |help: &Help| scene.party(help.giver, help.giver_staff);
    let count = scene.tally.people.count();
    Some(Concentration {
        by_person: spread(scene, |help| help.giver, |_| Holder::OnePerson),
        by_server: spread(scene, server, |server| Holder::server(scene, server)),
        by_party: spread(scene, party, |party| match party.checked_sub(count) {
            None => Holder::OnePerson,
            Some(operator) => Holder::operator(scene, operator),
        }),
    })
}

fn spread(scene: &Scene<'_>, key: impl Fn(&Help) -> u32, holder: impl Fn(u32) -> Holder) -> Spread {
    // As many numbers as there can be parties.
    let parties = scene.tally.people.count().saturating_add(scene.tally.people.servers());
    let mut given = vec![0_u64; usize::try_from(parties).unwrap_or(0)];
    for help in &scene.help {
        let place = usize::try_from(key(help)).ok().and_then(|index| given.get_mut(index));
        if let Some(given) = place {
            *given += 1;
        }
    }
    let mut list: Vec<(u64, u32)> = given.into_iter().zip(0..).filter(|one| one.0 > 0).collect();
    list.sort_unstable_by(|a, b| b.cmp(a));
    let all = u64::try_from(scene.help.len()).unwrap_or(u64::MAX);
    let pairs = list.iter().map(|(given, _)| given * given.saturating_sub(1)).sum();
    let hhi_bp = basis_points(pairs, all * all.saturating_sub(1));
    let mut sum = 0;
    let before_half = list.iter().take_while(|(given, _)| {
        let short = sum * 2 < all;
        sum += given;
        short
    });
    let give_half = u64::try_from(before_half.count()).unwrap_or(u64::MAX);
    let most = list.first().map_or(0, |(given, _)| *given);
    // Of equals, whoever can be named least.
    let holders = list.iter().take_while(|(given, _)| *given == most);
    let holder = holders.map(|(_, who)| holder(*who)).min();
    let largest = holder.filter(|_| most >= MIN_CELL).map(|holder| Largest {
        holder,
        given: most,
        bp: basis_points(most, all),
    });
    Spread { largest, hhi_bp, word: Evenness::of(hhi_bp), give_half }
}

#[cfg(test)]
mod tests {
    use super::{
        Evenness::{CarriedByOne, Even, LeaningOnFew, Watch},
        *,
    };

    #[test]
    fn words_change_at_their_edges() {
        let words = [0, 999, 1_000, 1_799, 1_800, 2_999, 3_000, 10_000].map(Evenness::of);
        let expected =
            [Even, Even, Watch, Watch, LeaningOnFew, LeaningOnFew, CarriedByOne, CarriedByOne];
        assert_eq!(words, expected);
    }
}
