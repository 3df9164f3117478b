//! A group sums up its month in a post of its own, where its charter says so.
use commonhold::{
    App,
    db::{self, actors::Actor, page::Page, posts::Post},
    domain::{
        follows,
        groups::{self, NewGroup},
        summaries,
    },
    federation::actors::resolve,
    keys::KeyPair,
    types::Uri,
    worker,
};
use serde_json::Value;

use crate::{
    harness::{Database, Node, Peer, Setup},
    rules::{Quiet, join},
};

stories![
    a_group_sums_up_its_month_once,
    a_summary_reaches_followers_elsewhere,
    a_private_summary_stays_inside,
    the_charter_says_whether_months_are_summed_up,
];

const DAY: i64 = 86_400;
const MIA: &str = "https://masto.example/users/mia";

/// What the group itself wrote, newest first.
fn written(app: &App, group: &Actor) -> Vec<Post> {
    let (group, founder) = (group.id, app.read_now(|c| Ok(db::actors::local_by_name(c, "ana")?)));
    let (viewer, now) = (founder.unwrap().map(|ana| ana.id), app.now());
    let page = Page::newest(40);
    let threads = app
        .read_now(move |c| Ok(db::timelines::threads_in(c, viewer, &[group], false, &page, now)?))
        .unwrap();
    threads.into_iter().filter(|post| post.author_id == group).collect()
}

/// On to some days after the next summary is due; what was to be done is done.
async fn next_month(app: &App, days: i64) {
    let due = summaries::next_due(app.now());
    app.skip_secs(due.secs() - app.now().secs() + 60 + days * DAY);
    worker::settle(app).await.unwrap();
}

fn wants_summaries(app: &App, group: &Actor, on: bool) -> bool {
    let group = group.id;
    app.write_now(move |tx| summaries::set(tx, None, group, on)).unwrap()
}

fn ledger(app: &App, group: &Actor) -> Vec<Value> {
    let group = group.id;
    let rows = app.read_now(|conn| Ok(db::ledger::entries(conn, group, 0, 5_000)?)).unwrap();
    rows.into_iter().map(|row| serde_json::from_str(&row.payload.unwrap()).unwrap()).collect()
}

async fn a_group_sums_up_its_month_once(database: Database) {
    let node = Quiet::open(database);
    let (app, group) = (&node.app, &node.group);
    let (ben, chloe) = (node.member("ben"), node.member("chloe"));
    node.posts(&ben, "Before anybody wanted a summary #ask", None);
    next_month(app, 2).await;
    assert!(written(app, group).is_empty(), "nobody asked for it");
    assert!(wants_summaries(app, group, true));
    worker::settle(app).await.unwrap();
    assert!(written(app, group).is_empty(), "not before the month is over");

    let ask = node.posts(&ben, "My tap drips #ask", None);
    let answer = node.posts(&chloe, "A new washer.", Some(ask.id));
    node.thanks(&ben, &answer).unwrap();
    node.posts(&chloe, "Who <b>helps</b> @ben? #ask", None);
    let (entries, figures) = (ledger(app, group), node.figures());
    let month = app.now();
    next_month(app, 0).await;
    let said = written(app, group);
    assert_eq!(said.len(), 1, "{said:?}");
    let html = &said[0].content;
    let title = month.date_time().format("%B %Y").to_string();
    assert_eq!(said[0].title.as_deref(), Some(&*title));
    assert!(html.contains("There were 2 asks. One of these asks was answered."), "{html}");
    assert!(html.contains("Once somebody said that they were helped."), "{html}");
    assert!(html.contains("/@repairs/health\""), "{html}");
    assert!(html.contains(">Who ") && !html.contains("<b>"), "{html}");
    assert!(html.contains("Before anybody"), "an ask that waits for longer is named: {html}");
    assert!(!html.contains("My tap drips"), "one that was answered is not: {html}");
    assert!(!html.contains("people took part"), "too few for more than sums: {html}");
    for person in ["chloe", "ana"] {
        assert!(!html.contains(person), "nobody is named: {html}");
    }
    assert!(!said[0].is_ask);
    assert_eq!(ledger(app, group), entries, "no entry is about it");
    assert_eq!(node.figures(), figures);
    assert!(node.home(&ben).iter().any(|post| post.id == said[0].id), "members see it");
    let id = said[0].id;
    let named = app.read_now(move |conn| Ok(db::posts::mentions_of(conn, &[id])?)).unwrap();
    assert!(named.is_empty(), "{named:?}");

    // Once, also where it is asked for again.
    assert!(!wants_summaries(app, group, true));
    assert!(wants_summaries(app, group, false) && wants_summaries(app, group, true));
    worker::settle(app).await.unwrap();
    let id = group.id;
    app.write_now(move |tx| summaries::publish(tx, id, None)).unwrap();
    worker::settle(app).await.unwrap();
    assert_eq!(written(app, group).len(), 1);

    // Nothing happened in this month, so nothing is said; and then the node is down for three.
    next_month(app, 3).await;
    assert_eq!(written(app, group).len(), 1);
    node.posts(&ben, "My door squeaks #ask", None);
    next_month(app, 0).await;
    assert_eq!(written(app, group).len(), 2);
    let last = summaries::next_due(app.now().plus_days(62));
    app.skip_secs(last.secs() - app.now().secs() - 5 * DAY);
    node.posts(&ben, "My lamp flickers #ask", None);
    app.skip_secs(6 * DAY);
    worker::settle(app).await.unwrap();
    assert_eq!(written(app, group).len(), 3, "the last month alone is summed up");

    // And no longer.
    node.posts(&ben, "My chair wobbles #ask", None);
    wants_summaries(app, group, false);
    next_month(app, 0).await;
    next_month(app, 0).await;
    assert_eq!(written(app, group).len(), 3);
}

/// A node with a group that sums up its months and has a follower elsewhere.
async fn with_a_follower(
    database: Database,
    private: bool,
) -> (Peer, crate::harness::Inside, Actor) {
    let peer = Peer::start(&["masto.example"]).await;
    peer.person(MIA);
    let node = peer.known_to(Setup::new(database)).inside();
    let app = &node.app;
    let ana = join(app, "ana");
    let new = NewGroup {
        name: "repairs".into(),
        purpose: "So that nothing is thrown away.".into(),
        private,
        monthly_summary: true,
        ..Default::default()
    };
    let founder = ana.clone();
    let group =
        app.write_now(move |tx| groups::found(tx, &founder, new, KeyPair::generate()?)).unwrap();
    let mia = resolve(app, &Uri::parse(MIA).unwrap()).await.unwrap();
    let joined = group.clone();
    app.write_now(move |tx| {
        follows::follow(tx, mia.id, &joined, follows::Options::default())?;
        if private { follows::accept(tx, joined.id, mia.id).map(drop) } else { Ok(()) }
    })
    .unwrap();
    let (author, group_id) = (ana.id, group.id);
    app.write_now(move |tx| {
        let draft = commonhold::domain::posts::Draft {
            source: "My tap drips #ask".into(),
            group: Some(group_id),
            ..Default::default()
        };
        let author = tx.actor(author)?;
        commonhold::domain::posts::publish(tx, &author, draft)
    })
    .unwrap();
    next_month(app, 0).await;
    (peer, node, group)
}

fn by_group(peer: &Peer, group: &Actor) -> Vec<Value> {
    let bodies = peer.received().into_iter().map(|one| one.body);
    bodies.filter(|body| body["actor"] == group.ap_id.as_str()).collect()
}

async fn a_summary_reaches_followers_elsewhere(database: Database) {
    let (peer, node, group) = with_a_follower(database, false).await;
    let said = written(&node.app, &group);
    assert_eq!(said.len(), 1);
    let sent = by_group(&peer, &group);
    let creates: Vec<&Value> = sent.iter().filter(|body| body["type"] == "Create").collect();
    assert_eq!(creates.len(), 1, "{sent:?}");
    let note = &creates[0]["object"];
    assert_eq!(note["attributedTo"], group.ap_id.as_str());
    assert_eq!(note["id"], said[0].ap_id.as_str());
    assert!(note["content"].as_str().unwrap().contains("There was one ask."), "{note}");
    assert!(note["to"].to_string().contains("#Public"), "{note}");
    let mentions = note["tag"].to_string().contains("Mention");
    assert!(!mentions, "a group does not mention itself: {note}");
    let announced = |body: &Value| {
        body["type"] == "Announce" && body.to_string().contains(said[0].ap_id.as_str())
    };
    assert!(!sent.iter().any(announced), "its own word needs no other: {sent:?}");
}

async fn a_private_summary_stays_inside(database: Database) {
    let (peer, node, group) = with_a_follower(database, true).await;
    let said = written(&node.app, &group);
    assert_eq!(said.len(), 1);
    let page = Page::newest(40);
    let (id, now) = (group.id, node.app.now());
    let outside = node
        .app
        .read_now(move |c| Ok(db::timelines::threads_in(c, None, &[id], false, &page, now)?))
        .unwrap();
    assert!(outside.is_empty(), "{outside:?}");
    let sent = by_group(&peer, &group);
    let creates: Vec<&Value> = sent.iter().filter(|body| body["type"] == "Create").collect();
    assert_eq!(creates.len(), 1, "{sent:?}");
    assert!(!creates[0].to_string().contains("#Public"), "{creates:?}");
}

async fn the_charter_says_whether_months_are_summed_up(database: Database) {
    let node = Node::start(database).await;
    node.member("ana").await;
    node.group("repairs", "We mend things together", "ana").await;
    let create = ["group", "create", "garden", "--purpose", "We grow", "--founder", "ana"];
    node.run(&[&create[..], &["--monthly-summary"]].concat());
    let charters = |name: &str| {
        let ledger = crate::ledger::Reader::of(&node, name);
        async move {
            let all = ledger.of_type("charter").await;
            let wants = |one: &Value| one["parameters"]["monthly_summary"].as_bool();
            all.iter().map(wants).collect::<Vec<_>>()
        }
    };
    assert_eq!(charters("garden").await, [Some(true)]);
    assert_eq!(charters("repairs").await, [None]);
    let set = |to: &str| node.run(&["group", "set", "repairs", "--monthly-summary", to]);
    assert!(set("on").contains("09:00"));
    set("on");
    set("off");
    assert_eq!(charters("repairs").await, [None, Some(true), None]);
    let refused = node.run_with(&["group", "set", "nowhere", "--monthly-summary", "on"], "");
    assert!(!refused.status.success());
}
