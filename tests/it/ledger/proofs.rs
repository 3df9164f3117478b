//! What a receipt rests on: what who was helped signed with a key of their own, or the word of the
//! group's server.
use serde_json::{Value, json};

use super::Reader;
use crate::harness::{Database, Member, Node, Peer, Setup, eventually, id};

stories!(
    thanks_by_the_button_of_another_node_are_proof,
    what_is_signed_falsely_does_not_count,
    thanks_in_plain_words_count,
);

const LEO: &str = "https://elm.example/u/leo";
const GROUP: &str = "https://node.example/c/repairs";

async fn thanks_by_the_button_of_another_node_are_proof(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, ben) = (a.member("ana").await, b.member("ben").await);
    a.group("repairs", "We mend things together", "ana").await;
    let handle = format!("repairs@{}", a.domain());
    ben.joins(&handle).await;
    let ask = ben.posts(&format!("My tap drips @{handle}")).await;
    let here = ana.sees("My tap drips").await;
    let told = ana.replies(&here, &format!("@{} A new washer", ben.handle)).await;
    let answer = ben.sees_below(&ask, "A new washer").await;
    ben.does("thanks", &answer).await;

    let ledger = Reader::of(&a, "repairs");
    let entry = eventually("the receipt is written", || async {
        let entries = ledger.entries().await;
        entries.into_iter().find(|entry| entry["payload"]["type"] == "receipt")
    })
    .await;
    let (receipt, stamp) = (&entry["payload"], &entry["payload"]["stamp"]);
    assert_eq!(receipt["via"], "button");
    assert_eq!(stamp["type"], "HelpAcknowledgement", "{entry}");
    assert_eq!(stamp["attributedTo"], format!("{}/u/ben", b.origin()));
    assert_eq!(stamp["helper"], format!("{}/u/ana", a.origin()));
    assert_eq!(stamp["interactingObject"], ask["uri"]);
    assert_eq!(stamp["interactionTarget"], told["uri"]);
    assert!(entry["key"].as_str().unwrap().starts_with("z6Mk"), "{entry}");

    // Anybody finds what was signed where it was signed, and checks it: at the group, or in the file.
    let shown = stamp["id"].as_str().unwrap().strip_prefix(&b.origin()).unwrap().to_owned();
    assert_eq!(b.public().activity(&shown).await, *stamp);
    let page = format!("{}/@repairs", a.origin());
    let told = a.run(&["verify", &page]);
    assert!(told.contains("1 rest on proof, 0 on the word"), "{told}");
    assert!(told.ends_with("PASS\n") && !told.contains("Not checked"), "{told}");
    let file = a.public().try_get("/c/repairs/ledger/export").await.text;
    let said = a.run_with(&["verify", "-"], &file);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));

    // It ends with the thanks.
    ben.does("unthanks", &answer).await;
    b.public().try_get(&shown).await.refused(410);
    eventually("the receipt is taken back", || async {
        (ledger.of_type("undone").await.len() == 1).then_some(())
    })
    .await;
    assert!(a.run(&["verify", &page]).ends_with("PASS\n"));
}

struct World {
    peer: Peer,
    node: Node,
    ana: Member,
}

impl World {
    async fn sends(&self, activity: &Value) {
        let status = self.peer.sends(&self.node, "/inbox", LEO, activity).await;
        assert!(status.is_success(), "{status}: {activity}");
    }

    /// Leo asks in the group and Ana answers: what he asked, and her answer's id.
    async fn ask(&self, name: &str) -> (String, String) {
        let ask = format!("{LEO}/notes/{}", name.replace(' ', "-"));
        let note = json!({
            "id": ask, "type": "Note", "attributedTo": LEO, "content": format!("<p>{name}</p>"),
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [GROUP],
            "tag": [{"type": "Mention", "href": GROUP, "name": "@repairs@node.example"}],
        });
        self.sends(&json!({
            "id": format!("{ask}/create"), "type": "Create", "actor": LEO, "to": note["to"],
            "cc": note["cc"], "object": note,
        }))
        .await;
        let answer = self.ana.replies(&self.ana.sees(name).await, "A new washer").await;
        (ask, answer["uri"].as_str().unwrap().to_owned())
    }

    /// Leo reacts with 🙏, and names something that he signed.
    async fn thanks(&self, answer: &str, result: &str) {
        self.sends(&json!({
            "id": format!("{LEO}/likes/{}", result.rsplit('/').next().unwrap()), "type": "Like", "actor": LEO, "object": answer,
            "content": "🙏", "result": result,
        }))
        .await;
    }
}

async fn world(database: Database) -> (World, Value) {
    let peer = Peer::start(&["elm.example"]).await;
    peer.person(LEO);
    let setup = peer.known_to(Setup::new(database)).with("MIN_ACCOUNT_AGE_DAYS", "0");
    let setup = setup.with("DOMAIN", "node.example").with("PUBLIC_URL", "https://node.example");
    let node = setup.start().await;
    let ana = node.member("ana").await;
    let group = node.group("repairs", "We mend things together", "ana").await;
    let world = World { peer, node, ana };
    let follow =
        json!({"id": format!("{LEO}/follow"), "type": "Follow", "actor": LEO, "object": GROUP});
    world.sends(&follow).await;
    (world, group)
}

async fn thanks_in_plain_words_count(database: Database) {
    // To Lemmy a hashtag is a word like any other.
    let (world, _) = world(database).await;
    let (_, answer) = world.ask("My tap drips").await;
    let says = |name: &str, content: &str| {
        let id = format!("{LEO}/notes/{name}");
        json!({
            "id": format!("{id}/create"), "type": "Create", "actor": LEO,
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [GROUP],
            "object": {
                "id": id, "type": "Note", "attributedTo": LEO, "inReplyTo": answer,
                "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [GROUP],
                "content": content,
            },
        })
    };
    let quoting = "<blockquote><p>say #thanks</p></blockquote><p>Say what?</p>";
    world.sends(&says("quoting", quoting)).await;
    world.sends(&says("thanks", "<p>It works now. #Thanks!</p>")).await;
    let ledger = Reader::of(&world.node, "repairs");
    let receipts = eventually("the thanks are counted", || async {
        let receipts = ledger.of_type("receipt").await;
        (!receipts.is_empty()).then_some(receipts)
    })
    .await;
    assert_eq!((receipts.len(), &receipts[0]["via"]), (1, &json!("reply")));
    assert_eq!(ledger.of_type("uncounted").await.len(), 0);
}

async fn what_is_signed_falsely_does_not_count(database: Database) {
    let (world, group) = world(database).await;
    let (ask, answer) = world.ask("My tap drips").await;

    // Not signed at all, of somebody else's help, on another server, and gone.
    let said = |id: &str, helper: &str| {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": id,
            "type": "HelpAcknowledgement", "attributedTo": LEO, "helper": helper,
            "interactingObject": ask, "interactionTarget": answer,
            "published": "2036-01-01T00:00:00Z",
            "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022",
                "created": "2036-01-01T00:00:00Z", "proofPurpose": "assertionMethod",
                "verificationMethod": format!("{LEO}#main-key"), "proofValue": "z1111"},
        })
    };
    let ana = "https://node.example/u/ana";
    let (unsigned, other) = (format!("{LEO}/ack/1"), format!("{LEO}/ack/2"));
    world.peer.serves(&unsigned, &said(&unsigned, ana));
    world.peer.serves(&other, &said(&other, "https://node.example/u/eve"));
    let elsewhere = "https://other.example/ack/3";
    for result in [&*unsigned, &*other, elsewhere, &format!("{LEO}/ack/4")] {
        world.thanks(&answer, result).await;
    }
    eventually("the acknowledgements are looked up", || async {
        let asked = world.peer.asked();
        let all = [&unsigned, &other, &format!("{LEO}/ack/4")];
        all.iter().all(|url| asked.iter().any(|one| one.contains(url.as_str()))).then_some(())
    })
    .await;
    // It is a reaction like any other, and his word still counts where he says nothing false.
    let (_, second) = world.ask("My door squeaks").await;
    let plain = json!({"id": format!("{LEO}/likes/9"), "type": "Like", "actor": LEO,
        "object": second, "content": "🙏"});
    world.sends(&plain).await;
    let receipts = eventually("the plain one counts", || async {
        let receipts = Reader::of(&world.node, "repairs").of_type("receipt").await;
        (!receipts.is_empty()).then_some(receipts)
    })
    .await;
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    assert_eq!((&receipts[0]["via"], &receipts[0]["stamp"]), (&json!("reaction"), &Value::Null));
    assert_eq!(world.node.help(&id(&group)).await["receipts"], 1);
}
