use proptest::prelude::*;

use super::*;

/// The definitions of RFC 9162, section 2.1, word for word: another way to every answer.
mod rfc {
    use super::{Hash, leaf, parent};

    fn split(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    /// `MTH(D[n])`
    pub fn mth(d: &[Hash]) -> Hash {
        match d {
            [] => Hash::of(&[]),
            [one] => leaf(one),
            _ => {
                let (left, right) = d.split_at(split(d.len()));
                parent(&mth(left), &mth(right))
            }
        }
    }

    /// `PATH(m, D[n])`
    pub fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() < 2 {
            return Vec::new();
        }
        let k = split(d.len());
        let (mut path, sibling) = if m < k {
            (self::path(m, &d[..k]), mth(&d[k..]))
        } else {
            (self::path(m - k, &d[k..]), mth(&d[..k]))
        };
        path.push(sibling);
        path
    }

    /// `PROOF(m, D[n])`
    pub fn proof(m: usize, d: &[Hash]) -> Vec<Hash> {
        subproof(m, d, true)
    }

    fn subproof(m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
        if m == d.len() {
            return if whole { Vec::new() } else { vec![mth(d)] };
        }
        let k = split(d.len());
        let (mut proof, sibling) = if m <= k {
            (subproof(m, &d[..k], whole), mth(&d[k..]))
        } else {
            (subproof(m - k, &d[k..], false), mth(&d[..k]))
        };
        proof.push(sibling);
        proof
    }

    /// Section 2.1.3.2: verifying an inclusion proof.
    pub fn includes(root: &Hash, size: u64, seq: u64, commitment: &Hash, proof: &[Hash]) -> bool {
        if seq >= size {
            return false;
        }
        let (mut fnode, mut snode, mut r) = (seq, size - 1, leaf(commitment));
        for p in proof {
            if snode == 0 {
                return false;
            }
            if fnode % 2 == 1 || fnode == snode {
                r = parent(p, &r);
                while fnode % 2 == 0 && fnode != 0 {
                    fnode >>= 1;
                    snode >>= 1;
                }
            } else {
                r = parent(&r, p);
            }
            fnode >>= 1;
            snode >>= 1;
        }
        snode == 0 && r == *root
    }

    /// Section 2.1.4.2: verifying consistency between two tree heads.
    pub fn continues(old: (&Hash, u64), new: (&Hash, u64), proof: &[Hash]) -> bool {
        let (first, second) = (old.1, new.1);
        if first == second {
            return proof.is_empty() && old.0 == new.0;
        }
        let mut path = proof.to_vec();
        if first.is_power_of_two() {
            path.insert(0, *old.0);
        }
        let Some((start, rest)) = path.split_first() else { return false };
        let (mut fnode, mut snode) = (first - 1, second - 1);
        while fnode % 2 == 1 {
            fnode >>= 1;
            snode >>= 1;
        }
        let (mut fr, mut sr) = (*start, *start);
        for c in rest {
            if snode == 0 {
                return false;
            }
            if fnode % 2 == 1 || fnode == snode {
                fr = parent(c, &fr);
                sr = parent(c, &sr);
                while fnode % 2 == 0 && fnode != 0 {
                    fnode >>= 1;
                    snode >>= 1;
                }
            } else {
                sr = parent(&sr, c);
            }
            fnode >>= 1;
            snode >>= 1;
        }
        fr == *old.0 && sr == *new.0 && snode == 0
    }
}

fn commitments(n: u64) -> Vec<Hash> {
    (0..n).map(|i| Hash::of(&[b"entry", &i.to_be_bytes()])).collect()
}

/// What a node's database keeps: leaves and every eighth level; counts what is read.
#[derive(Default)]
struct Rows {
    nodes: BTreeMap<(u32, u64), Hash>,
    reads: Vec<u64>,
}

impl Rows {
    fn of(commitments: &[Hash]) -> (Self, Frontier) {
        let mut frontier = Frontier::default();
        let nodes = frontier.append_all(commitments);
        let nodes = nodes.into_iter().map(|node| ((node.level, node.index), node.hash)).collect();
        (Self { nodes, reads: Vec::new() }, frontier)
    }
}

impl Stored for Rows {
    fn nodes(&mut self, level: u32, range: Range<u64>) -> Result<Vec<Hash>> {
        self.reads.push(range.end - range.start);
        Ok(range.map(|index| self.nodes[&(level, index)]).collect())
    }
}

#[test]
fn the_vectors_of_certificate_transparency_hold() {
    // From the reference implementation of RFC 6962: eight inputs, taken as leaves' data.
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ];
    assert_eq!(Frontier::default().root().to_string(), roots[0]);
    assert_eq!(Hash::of(&[&[0]]).to_string(), roots[1], "the leaf of no data");
    let one = Hash([7; 32]);
    assert_eq!(leaf(&one), Hash::of(&[&[0], &[7; 32]]), "our data is the commitment's 32 bytes");
}

#[test]
fn roots_are_those_of_the_definition() {
    let all = commitments(600);
    let mut frontier = Frontier::default();
    for n in 0..600_usize {
        if n < 80 || n % 37 == 0 {
            assert_eq!(frontier.root(), rfc::mth(&all[..n]), "{n}");
        }
        assert_eq!(Frontier::from_text(&frontier.to_text()).unwrap(), frontier);
        frontier.append(&all[n]);
    }
    let mut theirs = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, [u8; 32]>::new();
    for commitment in &all {
        theirs.push(commitment.0);
    }
    assert_eq!(theirs.root().as_bytes().as_slice(), frontier.root().0);
}

#[test]
fn every_proof_of_small_trees_is_that_of_the_definition() {
    let all = commitments(40);
    let (mut rows, _) = Rows::of(&all);
    for size in 1..=40_u64 {
        let tree = &all[..usize::try_from(size).unwrap()];
        let root = rfc::mth(tree);
        for (seq, commitment) in (0..).zip(tree) {
            let proof = inclusion(&mut rows, seq, size).unwrap();
            assert_eq!(proof, rfc::path(usize::try_from(seq).unwrap(), tree));
            assert!(includes(&root, size, seq, commitment, &proof));
            assert!(rfc::includes(&root, size, seq, commitment, &proof));
            assert!(!includes(&root, size, (seq + 1) % size, commitment, &proof) || size == 1);
        }
        for from in 1..=size {
            let old = rfc::mth(&all[..usize::try_from(from).unwrap()]);
            let proof = consistency(&mut rows, from, size).unwrap();
            assert_eq!(proof, rfc::proof(usize::try_from(from).unwrap(), tree), "{from} {size}");
            assert!(continues((&old, from), (&root, size), &proof));
            assert!(rfc::continues((&old, from), (&root, size), &proof));
        }
        assert!(inclusion(&mut rows, size, size).is_err());
        assert!(consistency(&mut rows, size + 1, size).is_err());
        assert!(continues((&Hash::of(&[]), 0), (&root, size), &[]));
    }
}

#[test]
fn a_proof_reads_a_block_of_rows_per_eight_levels() {
    let all = commitments(70_001);
    let (mut rows, frontier) = Rows::of(&all);
    for seq in [0, 255, 256, 40_000, 65_535, 65_536, 70_000] {
        rows.reads.clear();
        let proof = inclusion(&mut rows, seq, 70_001).unwrap();
        let commitment = &all[usize::try_from(seq).unwrap()];
        assert!(includes(&frontier.root(), 70_001, seq, commitment, &proof));
        assert!(rows.reads.len() <= 5, "{:?}", rows.reads);
        assert!(rows.reads.iter().all(|rows| *rows <= 256));
        rows.reads.clear();
        consistency(&mut rows, seq, 70_001).unwrap();
        assert!(rows.reads.len() <= 5, "{:?}", rows.reads);
    }
}

#[test]
fn an_edge_that_was_tampered_with_is_not_read() {
    let (_, frontier) = Rows::of(&commitments(5));
    let text = frontier.to_text();
    for bad in
        ["", "x", "1", "0 ", "+0", &text[1..], &text.replace("5 ", "4 "), &format!("{text} ")]
    {
        assert!(Frontier::from_text(bad).is_err(), "{bad}");
    }
    assert_eq!(Frontier::from_text("0").unwrap(), Frontier::default());
}

proptest! {
    /// Hostile proofs: both ways to check agree on each, and nothing panics.
    #[test]
    fn both_ways_to_check_agree(
        size in 1_u64..700,
        seq in 0_u64..700,
        claimed in prop_oneof![0_u64..700, any::<u64>()],
        change in 0_usize..5,
        at in any::<prop::sample::Index>(),
    ) {
        let seq = seq % size;
        let all = commitments(size);
        let (mut rows, frontier) = Rows::of(&all);
        let root = frontier.root();
        let commitment = &all[usize::try_from(seq).unwrap()];
        let mut proofs =
            [inclusion(&mut rows, seq, size)?, consistency(&mut rows, seq + 1, size)?];
        for proof in &mut proofs {
            let at = at.index(proof.len() + 1);
            match change {
                1 => proof.insert(at, Hash([9; 32])),
                2 if at < proof.len() => drop(proof.remove(at)),
                3 if at < proof.len() => proof[at].0[5] ^= 1,
                4 => proof.reverse(),
                _ => {}
            }
        }
        let [path, proof] = &proofs;
        let old = rfc::mth(&all[..=usize::try_from(seq).unwrap()]);
        let mine = includes(&root, size, seq, commitment, path);
        prop_assert_eq!(mine, rfc::includes(&root, size, seq, commitment, path));
        let mine = continues((&old, seq + 1), (&root, size), proof);
        prop_assert_eq!(mine, rfc::continues((&old, seq + 1), (&root, size), proof));
        if change == 0 {
            prop_assert!(mine);
        }
        // Of another size or place than it was made for: hardly ever true, and never a panic.
        let _ = includes(&root, claimed, seq, commitment, path);
        let _ = includes(&root, size, claimed, commitment, path);
        let _ = continues((&old, claimed), (&root, size), proof);
        let _ = continues((&old, seq + 1), (&root, claimed), proof);
    }
}
