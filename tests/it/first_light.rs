//! The whole product as one thin line: two nodes, real clients, one thread, one counted thank-you.
use serde_json::{Value, json};

use crate::harness::{
    Browser, Database, Look, MastodonPy, Member, Node, Toot, eventually, eventually_within, id,
    original, says,
};

stories!(help_crosses_nodes_from_real_clients, nothing_is_lost_or_doubled_when_nodes_are_killed);

async fn help_crosses_nodes_from_real_clients(database: Database) {
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let (ana, chloe) = (a.member("ana").await, a.member("chloe").await);
    let ben = b.member("ben").await;
    let group = a.group("repairs", "We mend things together", "ana").await;
    assert_eq!(group["group"], true, "{group}");
    let handle = format!("repairs@{}", a.domain());

    // Chloe joins with toot, Ben from his own node with Mastodon.py.
    let toot = Toot::signed_in(&a, &chloe);
    toot.run(&["follow", "@repairs"]);
    let py = MastodonPy::signed_in(&b, &ben);
    let found = py.call_with("search_v2", json!([format!("@{handle}")]), json!({"resolve": true}));
    let there = found["accounts"][0].clone();
    assert_eq!(there["acct"], handle.as_str(), "{found}");
    assert_eq!(there["group"], true, "{there}");
    py.call("account_follow", json!([there["id"]]));
    eventually("the group takes Ben in", || async {
        let relationship = py.call("account_relationships", json!([there["id"]]));
        (relationship[0]["following"] == true).then_some(())
    })
    .await;

    // Ben asks, and Chloe answers.
    let ask = py.call("status_post", json!([format!("My tap drips, who can help? @{handle}")]));
    let ask_here = chloe.sees("My tap drips").await;
    assert_eq!(ask_here["account"]["acct"], ben.handle.as_str());
    let reply_to = id(&ask_here);
    let text = format!("@{} A new washer fixed mine.", ben.handle);
    toot.run(&["post", &text, "--reply-to", &reply_to]);
    let answer = ben.sees_below(&ask, "A new washer fixed mine.").await;
    assert_eq!(answer["account"]["acct"], chloe.handle.as_str());
    assert_eq!(answer["in_reply_to_id"], ask["id"]);

    // Ben thanks.
    assert_eq!(a.help(&id(&group)).await, Node::figures(0, 0, 0, 0));
    let thanks = format!("@{} That was it! #thanks", chloe.handle);
    py.call_with("status_post", json!([thanks]), json!({"in_reply_to_id": answer["id"]}));
    eventually("the thank-you is counted", || async {
        (a.help(&id(&group)).await == Node::figures(1, 1, 1, 1)).then_some(())
    })
    .await;

    // Everybody's client shows it: the thread, once each, and the notifications.
    let context = py.call("status_context", json!([ask["id"]]));
    let below: Vec<&Value> = context["descendants"].as_array().unwrap().iter().collect();
    assert_eq!(below.len(), 2, "{context}");
    assert!(says(below[0], "A new washer") && says(below[1], "That was it!"), "{context}");
    chloe.sees_below(&ask_here, "That was it!").await;
    let told = py.call("notifications", json!([]));
    let mentions: Vec<&Value> =
        told.as_array().unwrap().iter().filter(|n| n["type"] == "mention").collect();
    assert_eq!(mentions.len(), 1, "{told}");
    assert!(says(&mentions[0]["status"], "A new washer"), "{told}");
    chloe.is_told("mention", &ben.handle).await;
    assert_eq!(times_in_home(&ben, "My tap drips").await, 1);
    assert_eq!(times_in_home(&ana, "My tap drips").await, 1);

    // And so do both nodes' pages.
    let chromium = Browser::open(Look::DESKTOP).await;
    chromium.goes_to(&format!("{}/@repairs", a.origin())).await;
    chromium.sees("My tap drips").await;
    chromium.sees("1 person helped 1 other").await;
    assert_eq!(chromium.complaints().await, Vec::<String>::new());
    chromium.pictures("group-page").await;
    chromium.goes_to(&format!("{}/@{handle}", b.origin())).await;
    chromium.sees("My tap drips").await;
    chromium.closes().await;
    eventually("Ben's node shows the same figures", || async {
        (b.help(&id(&there)).await == Node::figures(1, 1, 1, 1)).then_some(())
    })
    .await;

    // Once is once: the same thanks again, by the button, is delivered and not counted again.
    let again = ben.does("thanks", &answer).await;
    assert_eq!(again["id"], answer["id"]);
    assert_eq!(a.help(&id(&group)).await, Node::figures(1, 1, 1, 1));
}

async fn times_in_home(member: &Member, text: &str) -> usize {
    let home = member.home().await;
    home.iter().filter(|status| says(original(status), text)).count()
}

/// Power fails on either node while letters are on their way.
async fn nothing_is_lost_or_doubled_when_nodes_are_killed(database: Database) {
    const POSTS: usize = 12;
    let (a, b) = (Node::start(database).await, Node::start(database).await);
    let ana = a.member("ana").await;
    let ben = b.member("ben").await;
    a.group("repairs", "We mend things together", "ana").await;
    let handle = format!("repairs@{}", a.domain());
    ben.joins(&handle).await;

    // Both post at once; each node dies once in the middle of it.
    let from_a = |i: usize| format!("Number {i:02} from Ana");
    let from_b = |i: usize| format!("Number {i:02} from Ben");
    for i in 0..POSTS {
        ana.posts(&format!("{} @repairs", from_a(i))).await;
        ben.posts(&format!("{} @{handle}", from_b(i))).await;
        if i == POSTS / 3 {
            a.kill9();
            ben.posts(&format!("While A is away @{handle}")).await;
            a.restart().await;
        }
        if i == 2 * POSTS / 3 {
            b.kill9();
            ana.posts("While B is away @repairs").await;
            b.restart().await;
        }
    }
    a.restart().await;
    b.restart().await;

    let mut expected: Vec<String> = (0..POSTS).flat_map(|i| [from_a(i), from_b(i)]).collect();
    expected.push("While A is away".to_owned());
    expected.push("While B is away".to_owned());
    for (who, member) in [("Ana", &ana), ("Ben", &ben)] {
        let most = std::time::Duration::from_secs(240);
        eventually_within(most, &format!("{who} sees every post"), || async {
            let home = member.home().await;
            expected
                .iter()
                .all(|text| home.iter().any(|status| says(original(status), text)))
                .then_some(())
        })
        .await;
        let home = member.home().await;
        for text in &expected {
            let times = home.iter().filter(|status| says(original(status), text)).count();
            assert_eq!(times, 1, "{who} sees {text:?} {times} times");
        }
    }
}
