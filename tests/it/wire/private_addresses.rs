//! Outside of development nobody makes a node knock at its own network's doors.
use serde_json::json;

use super::{Fate, Totals, samples};
use crate::harness::{Database, Peer, Setup};

stories!(private_addresses_are_never_asked);

async fn private_addresses_are_never_asked(database: Database) {
    let peer = Peer::start(&["inside.example"]).await;
    let setup = Setup::new(database).with("DEVELOPMENT", "false").with("DOMAIN", "node.example");
    let node = setup.with("PUBLIC_URL", "https://node.example").start().await;
    let ana = node.member("ana").await;
    let own = format!("http://127.0.0.1:{}/actor", peer.port());
    peer.person(&own);
    for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "0x7f000001"] {
        for scheme in ["http", "https"] {
            let actor = format!("{scheme}://{host}:{}/actor", peer.port());
            let follow = json!({
                "id": format!("{actor}/follow"), "type": "Follow", "actor": actor,
                "object": "https://node.example/u/ana",
            });
            let status = peer.sends(&node, "/inbox", &actor, &follow).await;
            assert!(status.is_client_error(), "{actor}: {status}");
            let query = [("q", actor.as_str()), ("resolve", "true")];
            let request = ana.api.request(reqwest::Method::GET, "/api/v2/search").query(&query);
            let found = ana.api.send(request).await.json();
            assert_eq!(found["accounts"], json!([]), "{actor}");
        }
    }
    let inner = samples(|about| {
        about["kind"] == "ssrf" && about["expect"] == "reject" && about["delivery"] == "inbox_post"
    });
    let (mut totals, mut wrong) = (Totals::default(), Vec::new());
    for sample in &inner {
        let body = sample.bytes.clone();
        let (status, _) = peer.posts(&node, "/inbox", sample.says("signed_by"), body).await;
        totals.count(sample, Fate::Refused);
        // A name that nobody can find: its key may be there later.
        if !status.is_client_error() && status != 503 {
            wrong.push(format!("{}: {status}", sample.file));
        }
    }
    totals.print("who lives at a private address:");
    assert!(wrong.is_empty(), "these are not refused:\n{}", wrong.join("\n"));
    assert_eq!(peer.asked(), Vec::<String>::new(), "nobody was asked");
    assert!(node.log().contains("refus"), "the log says why:\n{}", node.log());
}
