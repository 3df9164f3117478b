//! What the ledger of a group costs, and how that grows: writing receipts into it, and the report of
//! the group's health. `scripts/bench ledger` runs this; `BENCH_RECEIPTS` says up to how many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::doc_markdown,
    clippy::duration_suboptimal_units,
    clippy::needless_pass_by_value,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    dead_code,
    unused_imports,
    unused_macros,
    missing_docs
)]

#[macro_use]
#[path = "../tests/it/harness/mod.rs"]
mod harness;

use std::time::Instant;

use commonhold::{
    App, db,
    db::{
        actors::Actor,
        posts::Post,
        receipts::{Receipt, Via},
    },
    domain::{
        Fact, follows, groups,
        members::{self, Applicant},
        posts,
    },
    keys::{self, KeyPair},
    ledger::Salt,
    types::{ReceiptId, Time},
};

use crate::harness::{Database, Inside, Setup};

const PEOPLE: usize = 100;
/// Receipts in one transaction, as they come from group commit under load.
const BATCH: usize = 50;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let most = std::env::var("BENCH_RECEIPTS").ok().and_then(|text| text.parse().ok());
    let most: usize = most.unwrap_or(1_000_000);
    let mut databases = vec![Database::Sqlite];
    if std::env::var_os("COMMONHOLD_TEST_POSTGRES").is_some() {
        databases.push(Database::Postgres);
    }
    for database in databases {
        println!("\n## {database:?}\n");
        println!(
            "| receipts | each, alone in its change | each, in changes of {BATCH} | report | "
        );
        println!("|---|---|---|---|");
        let group = Town::open(database);
        let mut size = 0;
        for to in [1_000, 10_000, 100_000, 1_000_000].into_iter().filter(|to| *to <= most) {
            let each = group.receipts(to - size - 100, BATCH);
            let alone = group.receipts(100, 1);
            size = to;
            let start = cpu();
            group.inside.app.compute_health(group.group.id).await.unwrap();
            let whole = cpu() - start;
            println!("| {to} | {alone:.0} us | {each:.0} us | {:.0} ms |", whole / 1_000.0);
        }
    }
}

/// Processor time of this process so far, microseconds: the database's own counts with `SQLite` alone.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks * 10_000.0
}

/// A group whose members help one another.
struct Town {
    inside: Inside,
    group: Actor,
    people: Vec<Actor>,
    ask: Post,
    answer: Post,
}

impl Town {
    fn open(database: Database) -> Self {
        let inside = Setup::new(database).inside();
        let app = &inside.app;
        let founder = join(app, "ana");
        let new = groups::NewGroup {
            name: "repairs".into(),
            purpose: "So that nothing is thrown away.".into(),
            ..Default::default()
        };
        let by = founder.clone();
        let group =
            app.write_now(move |tx| groups::found(tx, &by, new, KeyPair::generate()?)).unwrap();
        let mut people = vec![founder];
        for n in 1..PEOPLE {
            let person = join(app, &format!("person{n}"));
            let (id, to) = (person.id, group.clone());
            app.write_now(move |tx| follows::follow(tx, id, &to, follows::Options::default()))
                .unwrap();
            people.push(person);
        }
        let write = |author: &Actor, text: &str, parent: Option<&Post>| {
            let draft = posts::Draft {
                source: text.into(),
                group: parent.is_none().then_some(group.id),
                in_reply_to: parent.map(|post| post.id),
                ..Default::default()
            };
            let author = author.clone();
            app.write_now(move |tx| posts::publish(tx, &author, draft)).unwrap()
        };
        let ask = write(&people[0], "My tap drips #ask", None);
        let answer = write(&people[1], "A new washer", Some(&ask));
        Self { inside, group, people, ask, answer }
    }

    /// So many receipts, so many in one change: what each costs, microseconds of processor time.
    ///
    /// Caps are not asked: no hundred people could give a million receipts within them.
    fn receipts(&self, count: usize, batch: usize) -> f64 {
        let start = cpu();
        let mut seed = 1_u64;
        for from in (0..count).step_by(batch) {
            let rows: Vec<Receipt> = (from..count.min(from + batch))
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let at = |shift: u32| (seed >> shift) as usize % PEOPLE;
                    let (helper, mut receiver) = (at(33), at(43));
                    if helper == receiver {
                        receiver = (receiver + 1) % PEOPLE;
                    }
                    self.receipt(&self.people[helper], &self.people[receiver])
                })
                .collect();
            self.inside
                .app
                .write_now(move |tx| {
                    for mut receipt in rows {
                        receipt.id = ReceiptId(tx.new_id());
                        receipt.created_at = tx.now();
                        db::receipts::insert(tx, &receipt)?;
                        tx.record(Fact::Thanked { receipt, stamp: None });
                    }
                    Ok(())
                })
                .unwrap();
        }
        (cpu() - start) / count as f64
    }

    fn receipt(&self, helper: &Actor, receiver: &Actor) -> Receipt {
        Receipt {
            id: ReceiptId(0),
            group_id: self.group.id,
            thread_id: self.ask.id,
            reply_id: Some(self.answer.id),
            helper_id: helper.id,
            receiver_id: receiver.id,
            via: Via::Button,
            cause_uri: None,
            counted: true,
            reason: None,
            staff: false,
            across_nodes: false,
            created_at: Time(0),
            undone_at: None,
            declined_at: None,
            entry: None,
            nonce: Salt(keys::random()).to_string(),
        }
    }
}

fn join(app: &App, name: &str) -> Actor {
    let applicant = Applicant {
        name: name.into(),
        email: format!("{name}@example.org"),
        password_hash: "none".into(),
        ..Default::default()
    };
    app.write_now(move |tx| members::create(tx, applicant, KeyPair::generate()?, false)).unwrap()
}
