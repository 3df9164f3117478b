//! People take their receipts along, and are forgotten where they ask for it; what is left verifies.
use serde_json::{Value, json};

use super::Reader;
use crate::harness::{Browser, Database, Look, Member, Node, Setup, eventually};

stories!(
    a_member_elsewhere_takes_a_copy_and_is_forgotten,
    a_member_is_forgotten_at_home,
    a_host_that_erases_by_itself_is_told_of,
    who_deletes_their_account_is_forgotten_everywhere,
);

/// A group on the first node, with a member on the second who was helped.
struct World {
    a: Node,
    b: Node,
    ana: Member,
    ben: Member,
}

async fn world(database: Database) -> World {
    let setup = || Setup::new(database).with("WITNESS_EVERY_SECS", "1");
    let (a, b) = (setup().start().await, setup().start().await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    a.group("repairs", "We mend things together", "ana").await;
    ben.joins(&format!("repairs@{}", a.domain())).await;
    let world = World { a, b, ana, ben };
    world.helps("My tap drips").await;
    world.has("receipt", 1).await;
    world
}

impl World {
    /// Ben asks, Ana answers, and Ben says that it helped.
    async fn helps(&self, text: &str) {
        let ask = self.ben.posts(&format!("{text} @repairs@{}", self.a.domain())).await;
        let here = self.ana.sees(text).await;
        let answer = format!("For {text}");
        self.ana.replies(&here, &format!("@{} {answer}", self.ben.handle)).await;
        let answer = self.ben.sees_below(&ask, &answer).await;
        self.ben.does("thanks", &answer).await;
    }

    fn ledger(&self) -> Reader {
        Reader::of(&self.a, "repairs")
    }

    async fn has(&self, kind: &str, count: usize) {
        eventually(&format!("{count} {kind}"), || async {
            let there = self.ledger().entries().await;
            let there = there.iter().filter(|entry| entry["payload"]["type"] == kind).count();
            (there == count).then_some(())
        })
        .await;
    }

    /// What `commonhold verify` says of the group's page: its exit code and all of its output.
    fn verdict(&self) -> (Option<i32>, String) {
        let page = format!("{}/@repairs", self.a.origin());
        let output = self.a.run_with(&["verify", &page], "");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Waits until the second node's copy is as long as the ledger, and finds nothing wrong with it.
    async fn is_watched(&self) {
        self.b.run(&["ledger", "look"]);
        eventually("the ledger is copied", || async {
            let size = self.ledger().entries().await.len();
            let listed = self.b.run(&["ledger", "list", "--json"]);
            let listed: Value = serde_json::from_str(&listed).unwrap();
            assert_eq!(listed["faults"], json!([]));
            (listed["ledgers"][0]["entries"] == size).then_some(())
        })
        .await;
    }
}

async fn a_member_elsewhere_takes_a_copy_and_is_forgotten(database: Database) {
    let world = world(database).await;
    world.is_watched().await;
    let ben = Browser::open(Look::DESKTOP).await;
    ben.signs_in(&world.b, "ben").await;
    ben.goes_to(&format!("{}/settings/help", world.b.origin())).await;
    ben.sees("ana helped you").await;
    ben.pictures("help-of-a-member").await;

    // The copy shows by itself that it is true, with nobody's help and with everybody's.
    let copy = ben.downloads(&world.b, "/settings/help-signed.json").await;
    let said = world.a.run_with(&["verify", "-"], &copy);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said.status.code(), Some(0), "{text}");
    assert!(text.ends_with("PASS\n") && text.contains(&format!("{}/u/ben", world.b.origin())));
    let told = world.a.run_with(&["verify", "-", "--online"], &copy);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("3 hold by a key from the signer's own server, 0 by the key"), "{told}");
    let lie = copy.replace("/u/ana", "/u/eve");
    let said = world.a.run_with(&["verify", "-"], &lie);
    assert_eq!(said.status.code(), Some(2), "{}", String::from_utf8_lossy(&said.stdout));

    let group = format!("{}/c/repairs", world.a.origin());
    ben.follows("a[href^='/settings/help/forget/']").await;
    ben.sees("This cannot be undone").await;
    ben.presses("Forget me there").await;
    ben.sees("is asked to erase").await;
    world.has("erased", 1).await;
    let entries = world.ledger().entries().await;
    let text = Value::from(entries.clone()).to_string();
    let tombstone = entries.iter().find(|entry| entry["payload"]["type"] == "erased").unwrap();
    let request = &tombstone["payload"]["request"];
    assert_eq!((&request["type"], &request["object"]), (&json!("Forget"), &json!(group)));
    let others = text.replace(&request.to_string(), "");
    assert!(!others.contains("/u/ben"), "{others}");
    let kept = world.ledger().of_type("kept").await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["person"], format!("{}/u/ana", world.a.origin()));
    let gone = entries.iter().filter(|entry| entry.get("payload").is_none()).count();
    assert!(gone >= 3, "{entries:?}");
    let (code, told) = world.verdict();
    assert_eq!(code, Some(1), "{told}");
    assert!(told.ends_with(&format!("WARN ({gone} erased)\n")), "{told}");
    assert!(!told.contains("erased by the host"), "{told}");
    // Who comes back begins anew. The witness reads on from where it was, and finds no fault.
    world.ben.joins(&format!("repairs@{}", world.a.domain())).await;
    world.helps("My door squeaks").await;
    world.has("receipt", 1).await;
    world.is_watched().await;
    assert_eq!(world.verdict().0, Some(1));
    ben.closes().await;
}

async fn a_member_is_forgotten_at_home(database: Database) {
    let world = world(database).await;
    let chloe = world.a.member("chloe").await;
    chloe.joins("repairs").await;
    let ask = chloe.posts("Who has a ladder? @repairs").await;
    let answer = world.ana.replies(&world.ana.sees("Who has a ladder?").await, "I do").await;
    chloe.sees_below(&ask, "I do").await;
    chloe.does("thanks", &answer).await;
    world.a.public().get("/c/repairs/health").await;
    let browser = Browser::open(Look::DESKTOP).await;
    browser.signs_in(&world.a, "chloe").await;
    browser.goes_to(&format!("{}/settings/help", world.a.origin())).await;
    browser.follows("a[href^='/settings/help/forget/']").await;
    browser.presses("Forget me there").await;
    browser.sees("has forgotten you").await;
    let text = Value::from(world.ledger().entries().await).to_string();
    assert_eq!(text.matches("/u/chloe\"").count(), 1, "only who asked is named: {text}");
    let (code, told) = world.verdict();
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("WARN (") && !told.contains("own accord"), "{told}");
    // The page counts as whoever reads the ledger now.
    let report = world.a.public().get("/c/repairs/health").await;
    assert_eq!(report["totals"]["now"]["receipts"], 1, "{report}");
    assert_eq!(report["totals"]["now"]["half_kept"], 1, "{report}");
    browser.closes().await;
}

async fn a_host_that_erases_by_itself_is_told_of(database: Database) {
    let world = world(database).await;
    let handle = format!("@{}", world.ben.handle);
    let said = world.a.run(&["ledger", "forget", "repairs", &handle]);
    assert!(said.contains("entries of the ledger of repairs are erased"), "{said}");
    let (code, told) = world.verdict();
    // More than one entry in a hundred.
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("no request by the person is there"), "{told}");
}

async fn who_deletes_their_account_is_forgotten_everywhere(database: Database) {
    let world = world(database).await;
    let ben = Browser::open(Look::DESKTOP).await;
    ben.signs_in(&world.b, "ben").await;
    ben.goes_to(&format!("{}/settings/account", world.b.origin())).await;
    ben.presses("What happens, and the button").await;
    ben.fills("leave_password", Member::PASSWORD).await;
    ben.presses("Delete my account for good").await;
    ben.sees("Your account is deleted").await;
    world.has("erased", 1).await;
    let entries = Value::from(world.ledger().entries().await).to_string();
    assert_eq!(entries.matches("/u/ben\"").count(), 1, "only who asked is named: {entries}");
    let (code, told) = world.verdict();
    assert_eq!(code, Some(1), "{told}");
    // The key that signed the request went with the account: the one in the ledger is left.
    assert!(!told.contains("own accord"), "{told}");
    ben.closes().await;
}
