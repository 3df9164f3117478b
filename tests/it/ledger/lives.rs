//! Whatever happens in a group, in whatever order, with the node killed in between: its ledger holds,
//! and its page says what anybody recounts.
use serde_json::{Value, json};

use super::Reader;
use crate::harness::{Database, Member, Node, id};

stories!(whatever_happens_the_ledger_holds);

/// So many steps; `COMMONHOLD_LEDGER_STEPS` asks for more.
const STEPS: u64 = 40;

/// A small generator of chance, `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(n).unwrap()).unwrap()
    }
}

async fn whatever_happens_the_ledger_holds(database: Database) {
    let steps = std::env::var("COMMONHOLD_LEDGER_STEPS").ok().and_then(|text| text.parse().ok());
    let seed = std::env::var("COMMONHOLD_LEDGER_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.subsec_nanos().into()
    });
    eprintln!("COMMONHOLD_LEDGER_SEED={seed}");
    let mut chance = Chance(seed);
    let node = Node::start(database).await;
    let mut people: Vec<Member> = Vec::new();
    for name in ["ana", "ben", "chloe", "dora", "emil", "faye"] {
        people.push(node.member(name).await);
    }
    let group = id(&node.group("repairs", "We mend things together", "ana").await);
    for person in &people[1..] {
        person.joins("repairs").await;
    }
    // Answers that were thanked for, and by whom.
    let mut thanked: Vec<(usize, Value)> = Vec::new();
    let mut forgotten = 0;
    for step in 0..steps.unwrap_or(STEPS) {
        let (one, other) = (chance.below(people.len()), chance.below(people.len()));
        match chance.below(12) {
            0..=5 if one != other => {
                let text = format!("Number {step} is broken");
                // On one node a post has one id for all, members or not.
                let ask = people[one].posts(&format!("{text}, who can #help? @repairs")).await;
                let answer = people[other].replies(&ask, "Oil").await;
                if chance.below(3) > 0 {
                    people[one].does("thanks", &answer).await;
                    thanked.push((one, answer));
                } else {
                    people[one].replies(&answer, "It works #thanks").await;
                }
            }
            6 if !thanked.is_empty() => {
                let (who, answer) = thanked.swap_remove(chance.below(thanked.len()));
                // Who was forgotten since has nothing to take back.
                people[who].try_does("unthanks", &answer).await;
            }
            7 | 8 if one > 0 && forgotten < 4 => {
                forgotten += 1;
                let path = format!("/api/v1/groups/{group}/forget");
                people[one].api.post(&path, json!({})).await;
                if chance.below(2) == 0 {
                    people[one].joins("repairs").await;
                }
            }
            9 => {
                people[one].joins("repairs").await;
            }
            10 => {
                node.restart().await;
            }
            _ => {
                node.public().get("/c/repairs/health").await;
            }
        }
    }
    let page = format!("{}/@repairs", node.origin());
    let said = node.run_with(&["verify", &page], "");
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let expected = if text.contains("erased)") { Some(1) } else { Some(0) };
    assert_eq!(said.status.code(), expected, "{text}");
    assert!(!text.contains("own accord") && !text.contains("Not checked"), "{text}");
    let file = node.public().try_get("/c/repairs/ledger/export").await.text;
    let told = node.run_with(&["verify", "-"], &file);
    assert_eq!(told.status.code(), expected, "{}", String::from_utf8_lossy(&told.stdout));
    // What everybody takes along holds as well; of who was forgotten nothing is left.
    for person in &people {
        let copy = person.api.try_get("/api/v1/receipts/signed").await;
        assert_eq!(copy.status, 200);
        let told = node.run_with(&["verify", "-"], &copy.text);
        assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stdout));
    }
    let entries = Reader::of(&node, "repairs").entries().await;
    let gone = entries.iter().filter(|entry| entry.get("payload").is_none()).count();
    assert_eq!(gone > 0, expected == Some(1), "{entries:?}");
}
