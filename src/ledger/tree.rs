//! The Merkle tree over the entries, in the shape of RFC 9162 section 2.1 (RFC 6962 before it): a
//! leaf is the SHA-256 of a zero byte and a commitment, a node that of a one byte and its two
//! children.
//!
//! Appending needs the [`Frontier`] alone, a few hashes. Proofs are made from what a store keeps:
//! the leaves, and the nodes at every eighth level, so that a proof reads a block of at most 256
//! rows per eight levels.
use std::{collections::BTreeMap, ops::Range};

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;

use super::{Hash, Malformed};
use crate::error::Result;

/// Levels of the tree between two that a store keeps.
pub const STEP: u32 = 8;
/// Most entries a tree may have: integers that every reader keeps.
pub const MOST: u64 = super::canonical::MOST;

/// The leaf of a commitment.
#[must_use]
pub fn leaf(commitment: &Hash) -> Hash {
    Hash::of(&[&[0], &commitment.0])
}

/// The node above two others.
#[must_use]
pub fn parent(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], &left.0, &right.0])
}

/// A complete part of the tree: `1 << level` leaves, the first of them leaf `index << level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// How far above the leaves, which are at 0.
    pub level: u32,
    /// Which of its level, from the left.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// The right edge of a tree: all that is needed to append and to know the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// The complete parts, largest first: one for each bit of `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// One entry more; says which parts of the tree it completes, its own leaf first.
    pub fn append(&mut self, commitment: &Hash) -> Vec<Node> {
        let mut node = Node { level: 0, index: self.size, hash: leaf(commitment) };
        let mut complete = vec![node];
        while node.index % 2 == 1
            && let Some(left) = self.peaks.pop()
        {
            let hash = parent(&left, &node.hash);
            node = Node { level: node.level + 1, index: node.index / 2, hash };
            complete.push(node);
        }
        self.peaks.push(node.hash);
        self.size += 1;
        complete
    }

    /// Many entries more; the nodes among those they complete that a store keeps: leaves, and
    /// every [`STEP`]th level.
    pub fn append_all<'a>(&mut self, commitments: impl IntoIterator<Item = &'a Hash>) -> Vec<Node> {
        let stored = |node: &Node| node.level.is_multiple_of(STEP);
        commitments
            .into_iter()
            .flat_map(|commitment| self.append(commitment).into_iter().filter(stored))
            .collect()
    }

    /// The root: the hash of everything.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Hash::of(&[]) };
        peaks.fold(*last, |right, left| parent(left, &right))
    }

    /// As text, for storage: the size, then the peaks as hex, a space before each.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.size.to_string();
        for peak in &self.peaks {
            text.push(' ');
            text.push_str(&peak.to_string());
        }
        text
    }

    /// Reads what [`Frontier::to_text`] wrote.
    ///
    /// # Errors
    /// For anything else.
    pub fn from_text(text: &str) -> Result<Self, Malformed> {
        let mut words = text.split(' ');
        let size = words.next().and_then(|size| size.parse().ok());
        let peaks: Option<Vec<Hash>> = words.map(Hash::read).collect();
        let read = size.zip(peaks).map(|(size, peaks)| Self { size, peaks });
        let read = read.filter(|read| {
            read.size <= MOST
                && usize::try_from(read.size.count_ones()) == Ok(read.peaks.len())
                && read.to_text() == text
        });
        read.ok_or_else(|| "the edge of the tree cannot be read".into())
    }
}

/// Reads nodes that were stored: those of a level (0, 8, 16, ..) whose indices are in the range, in
/// order. Ranges have at most 256 nodes and name only complete ones.
pub trait Stored {
    /// The nodes, leaves at level 0 ([`leaf`] of their commitments).
    ///
    /// # Errors
    /// As the store fails.
    fn nodes(&mut self, level: u32, range: Range<u64>) -> Result<Vec<Hash>>;
}

impl<F: FnMut(u32, Range<u64>) -> Result<Vec<Hash>>> Stored for F {
    fn nodes(&mut self, level: u32, range: Range<u64>) -> Result<Vec<Hash>> {
        self(level, range)
    }
}

/// The root of the tree as it was with its first `size` entries.
///
/// # Errors
/// As the store fails; `Internal` where it lacks a node.
pub fn root(stored: &mut impl Stored, size: u64) -> Result<Hash> {
    match size {
        0 => Ok(Hash::of(&[])),
        size => Tree::new(stored, size).root_of(0..size),
    }
}

/// That entry `seq` stands in the tree of `size` entries: `PATH` of RFC 9162, from the leaf up.
///
/// # Errors
/// `Invalid` where the tree has no such entry, `Internal` where the store lacks a node.
pub fn inclusion(stored: &mut impl Stored, seq: u64, size: u64) -> Result<Vec<Hash>> {
    if seq >= size || size > MOST {
        return Err(Malformed::from("there is no such entry in a tree of that size").into());
    }
    let (mut tree, mut path) = (Tree::new(stored, size), Vec::new());
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if seq < middle {
            path.push(tree.root_of(middle..to)?);
            to = middle;
        } else {
            path.push(tree.root_of(from..middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// That the tree of the first `from` entries is the beginning of that of `to` entries: `PROOF` of
/// RFC 9162. Empty for equal sizes and for `from` 0.
///
/// # Errors
/// As [`inclusion`].
pub fn consistency(stored: &mut impl Stored, from: u64, to: u64) -> Result<Vec<Hash>> {
    if from > to || to > MOST {
        return Err(Malformed::from("a tree does not shrink").into());
    }
    if from == 0 || from == to {
        return Ok(Vec::new());
    }
    let (mut tree, mut proof) = (Tree::new(stored, to), Vec::new());
    // The part that is being looked at, in which the old tree ends.
    let (mut first, mut last) = (0, to);
    while from != last {
        let middle = first + split(last - first);
        if from <= middle {
            proof.push(tree.root_of(middle..last)?);
            last = middle;
        } else {
            proof.push(tree.root_of(first..middle)?);
            first = middle;
        }
    }
    if first > 0 {
        proof.push(tree.root_of(first..last)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// A tree in a store, with what was read of it.
struct Tree<'a, S> {
    stored: &'a mut S,
    size: u64,
    /// By level and first index, blocks of up to 256 nodes.
    blocks: BTreeMap<(u32, u64), Vec<Hash>>,
}

impl<'a, S: Stored> Tree<'a, S> {
    fn new(stored: &'a mut S, size: u64) -> Self {
        Self { stored, size, blocks: BTreeMap::new() }
    }

    /// The root of a part that the tree's own shape makes: its first leaf is aligned to it.
    fn root_of(&mut self, part: Range<u64>) -> Result<Hash> {
        let len = part.end - part.start;
        if len.is_power_of_two() {
            return self.node(len.ilog2(), part.start >> len.ilog2());
        }
        let middle = part.start + split(len);
        let (left, right) = (self.root_of(part.start..middle)?, self.root_of(middle..part.end)?);
        Ok(parent(&left, &right))
    }

    fn node(&mut self, level: u32, index: u64) -> Result<Hash> {
        if !level.is_multiple_of(STEP) {
            let left = self.node(level - 1, index * 2)?;
            return Ok(parent(&left, &self.node(level - 1, index * 2 + 1)?));
        }
        let first = index >> STEP << STEP;
        if !self.blocks.contains_key(&(level, first)) {
            let end = (first + (1 << STEP)).min(self.size >> level);
            let block = self.stored.nodes(level, first..end)?;
            self.blocks.insert((level, first), block);
        }
        let at = usize::try_from(index - first).unwrap_or(usize::MAX);
        let found = self.blocks.get(&(level, first)).and_then(|block| block.get(at)).copied();
        found.ok_or_else(|| {
            crate::Error::internal(format_args!("the ledger lacks node {index} of level {level}"))
        })
    }
}

/// Whether `proof` shows that `commitment` is entry `seq` of the tree of `size` entries.
#[must_use]
pub fn includes(root: &Hash, size: u64, seq: u64, commitment: &Hash, proof: &[Hash]) -> bool {
    let proof = InclusionProof::<Sha256>::try_from_bytes(bytes(proof));
    seq < size
        && size <= MOST
        && proof.is_ok_and(|proof| {
            rooted(root, size).verify_inclusion(&commitment.0, seq, &proof).is_ok()
        })
}

/// Whether `proof` shows that the tree `old` is the beginning of the tree `new`; both as root and
/// size. An empty tree is the beginning of every tree.
#[must_use]
pub fn continues(old: (&Hash, u64), new: (&Hash, u64), proof: &[Hash]) -> bool {
    if old.1 > new.1 || new.1 > MOST {
        return false;
    }
    if old.1 == 0 {
        return proof.is_empty() && *old.0 == Hash::of(&[]);
    }
    ConsistencyProof::<Sha256>::try_from_bytes(bytes(proof)).is_ok_and(|proof| {
        rooted(new.0, new.1).verify_consistency(&rooted(old.0, old.1), &proof).is_ok()
    })
}

fn rooted(root: &Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

#[cfg(test)]
mod tests;
