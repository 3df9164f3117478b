//! Profiles: whose pages link back, and how members read and change their own.
use commonhold::{
    App,
    db::{self, actors::Actor},
    domain::{
        self,
        actors::{self, Field, ProfileChange},
        members,
    },
    federation::actors::resolve,
    keys::KeyPair,
    types::{ActorId, Uri},
    worker,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    Database, Inside, Member, Node, Peer, Setup, are_shaped, eventually, is_shaped,
};

stories!(
    a_page_that_links_back_marks_a_field,
    a_mark_outlives_a_bad_day_but_not_three,
    links_of_others_are_looked_at_once,
    a_profile_is_read_and_changed_as_it_was_written,
);

const DAY: i64 = 86_400;

fn page(peer: &Peer, url: &str, html: &str) {
    peer.serves_bytes(url, 200, "text/html; charset=utf-8", html.as_bytes().to_vec());
}

fn times(peer: &Peer, url: &str) -> usize {
    peer.asked().iter().filter(|asked| *asked == url).count()
}

async fn shows(member: &Member, values: &[&str]) -> Value {
    let fields: Vec<Value> =
        values.iter().map(|value| json!({"name": "Home", "value": value})).collect();
    let request = member.api.request(Method::PATCH, "/api/v1/accounts/update_credentials");
    let request = request.json(&json!({ "fields_attributes": fields }));
    member.api.send(request).await.ok()
}

async fn fields(node: &Node, member: &Member) -> Vec<Value> {
    let account = node.public().get(&format!("/api/v1/accounts/{}", member.id)).await;
    are_shaped(&account["fields"], "Field");
    account["fields"].as_array().unwrap().clone()
}

async fn is_marked(node: &Node, member: &Member, index: usize) -> Value {
    eventually("the field is marked", || async {
        let field = fields(node, member).await[index].clone();
        (!field["verified_at"].is_null()).then_some(field)
    })
    .await
}

async fn a_page_that_links_back_marks_a_field(database: Database) {
    let peer = Peer::start(&["ana.example", "ben.example"]).await;
    let node = peer.known_to(Setup::new(database)).start().await;
    let ana = node.member("ana").await;
    let profile = format!("{}/@ana", node.public_url());
    let (home, old, bare) =
        ("https://ana.example/about", "https://ana.example/old", "https://ben.example/");
    page(&peer, home, &format!("<!doctype html><link rel='nofollow me' href='{profile}'>"));
    page(&peer, bare, &format!("<p>A friend of <a href='{profile}'>Ana</a></p>"));
    peer.redirects(old, home);

    let answer = shows(&ana, &[home, old, bare, "Elm", "http://ana.example/about"]).await;
    is_shaped(&answer, "CredentialAccount");
    assert!(answer["fields"][0]["verified_at"].is_null(), "nobody waits for the page: {answer}");
    let marked = is_marked(&node, &ana, 0).await;
    let link = format!(r#"<a href="{home}" rel="me nofollow noopener">"#);
    assert!(marked["value"].as_str().unwrap().contains(&link), "{marked}");
    is_marked(&node, &ana, 1).await;
    eventually("the other page was read", || async { (times(&peer, bare) > 0).then_some(()) })
        .await;
    let all = fields(&node, &ana).await;
    let marks: Vec<bool> = all.iter().map(|field| !field["verified_at"].is_null()).collect();
    assert_eq!(marks, [true, true, false, false, false], "{all:#?}");
    let me = ana.api.get("/api/v1/accounts/verify_credentials").await;
    assert_eq!(me["source"]["fields"][0]["value"], home);
    assert_eq!(me["source"]["fields"][0]["verified_at"], marked["verified_at"]);
    let text = node.page("/@ana").await.text;
    assert_eq!(text.matches("theirs: it links back, since ").count(), 2, "{text}");
    assert!(text.contains(&link), "others can check our pages: {text}");
    let wire = node.public().activity("/u/ana").await;
    assert!(wire["attachment"][0]["value"].as_str().unwrap().contains(&link), "{wire}");

    // What stays keeps its mark and is not asked for again; what changes is looked at anew.
    let (asked, changed) = (times(&peer, home), "https://ana.example/blog");
    page(&peer, changed, "<a rel=me href='https://elm.example/@ana'>me elsewhere</a>");
    let answer = shows(&ana, &["Elm", home, changed]).await;
    assert_eq!(answer["fields"][1]["verified_at"], marked["verified_at"]);
    assert!(answer["fields"][2]["verified_at"].is_null());
    eventually("the new page was read", || async { (times(&peer, changed) > 0).then_some(()) })
        .await;
    assert_eq!(times(&peer, home), asked);
    assert!(fields(&node, &ana).await[2]["verified_at"].is_null());
    page(&peer, changed, &format!("<a rel=me href='{}/u/ana/'>me</a>", node.public_url()));
    shows(&ana, &[changed]).await;
    is_marked(&node, &ana, 0).await;
}

fn member(app: &App, name: &str) -> Actor {
    let applicant = members::Applicant {
        name: name.into(),
        email: format!("{name}@example.org"),
        password_hash: "none".into(),
        ..Default::default()
    };
    let join =
        move |tx: &mut domain::Tx| members::create(tx, applicant, KeyPair::generate()?, false);
    app.write_now(join).unwrap()
}

fn writes(app: &App, id: ActorId, link: &str) {
    let fields = Some(vec![("Home".to_owned(), link.to_owned())]);
    let change = ProfileChange { fields, ..ProfileChange::default() };
    app.write_now(move |tx| actors::change_profile(tx, id, change)).unwrap();
}

fn field(app: &App, id: ActorId) -> Field {
    let actor = app.read_now(move |conn| Ok(db::actors::by_id(conn, id)?)).unwrap();
    actors::fields(&actor).remove(0)
}

async fn later(app: &App, secs: i64) {
    app.skip_secs(secs);
    worker::settle(app).await.unwrap();
}

async fn a_mark_outlives_a_bad_day_but_not_three(database: Database) {
    let peer = Peer::start(&["ana.example"]).await;
    let node = peer.known_to(Setup::new(database)).inside();
    let (app, home) = (&node.app, "https://ana.example/");
    let ana = member(app, "ana");
    let back = format!("<a rel='me' href='{}'>me</a>", ana.url);
    page(&peer, home, "<p>Soon more here</p>");
    writes(app, ana.id, home);
    later(app, 0).await;
    assert_eq!((times(&peer, home), field(app, ana.id).verified_at), (1, None));
    // She writes her profile first and her page then.
    page(&peer, home, &back);
    later(app, 3_601).await;
    let since = field(app, ana.id).verified_at.expect("found an hour later");

    later(app, 6 * DAY).await;
    assert_eq!(times(&peer, home), 2, "not read again before a week is over");
    peer.serves_bytes(home, 500, "text/html", Vec::new());
    later(app, 2 * DAY).await;
    later(app, DAY + 60).await;
    assert_eq!(times(&peer, home), 4);
    assert_eq!(field(app, ana.id).verified_at, Some(since), "two misses do no harm");
    page(&peer, home, &back);
    later(app, DAY + 60).await;
    page(&peer, home, "<p>I left</p>");
    for days in [8, 1, 1] {
        assert_eq!(field(app, ana.id).verified_at, Some(since));
        later(app, days * DAY + 60).await;
    }
    assert_eq!(field(app, ana.id).verified_at, None, "three misses in a row end it");
    let asked = times(&peer, home);
    later(app, 60 * DAY).await;
    assert_eq!(times(&peer, home), asked, "and nobody looks any more");
    page(&peer, home, &back);
    writes(app, ana.id, home);
    later(app, 0).await;
    assert!(field(app, ana.id).verified_at.is_some(), "until she says it again");
}

const MIA: &str = "https://masto.example/users/mia";

fn introduces(peer: &Peer, values: &[&str]) {
    let mut mia = peer.person(MIA);
    mia["url"] = json!("https://masto.example/@mia");
    let fields: Vec<Value> = values
        .iter()
        .map(|value| json!({"type": "PropertyValue", "name": "Home", "value": value}))
        .collect();
    mia["attachment"] = json!(fields);
    peer.introduces(&mia);
}

async fn finds(node: &Inside) -> ActorId {
    let found = resolve(&node.app, &Uri::parse(MIA).unwrap()).await.unwrap();
    worker::settle(&node.app).await.unwrap();
    found.id
}

async fn links_of_others_are_looked_at_once(database: Database) {
    let peer = Peer::start(&["masto.example", "mia.example", "bank.example"]).await;
    let node = peer.known_to(Setup::new(database)).inside();
    let (app, home) = (&node.app, "https://mia.example/");
    let link = concat!(
        r#"<a href="https://mia.example/" target="_blank" rel="nofollow noopener me">"#,
        r#"<span class="invisible">https://</span><span>mia.example/</span></a>"#
    );
    let trick = r#"<a href="https://mia.example/">https://bank.example/</a>"#;
    page(&peer, home, "<a rel='me' href='https://masto.example/@mia'>me</a>");
    introduces(&peer, &[link]);
    let mia = finds(&node).await;
    let since = field(app, mia).verified_at.expect("it links back");
    assert_eq!(times(&peer, home), 1);

    // Read anew every day, and looked at again once a month at most.
    app.skip_secs(2 * DAY);
    finds(&node).await;
    assert_eq!((times(&peer, MIA), times(&peer, home)), (2, 1));
    assert_eq!(field(app, mia).verified_at, Some(since));
    introduces(&peer, &[trick]);
    app.skip_secs(2 * DAY);
    finds(&node).await;
    let tricked = field(app, mia);
    assert!(tricked.value.contains("bank.example") && tricked.verified_at.is_none(), "{tricked:?}");
    assert_eq!((times(&peer, home), times(&peer, "https://bank.example/")), (1, 0));
    page(&peer, home, "<p>Sold</p>");
    introduces(&peer, &[link]);
    app.skip_secs(2 * DAY);
    finds(&node).await;
    assert_eq!((times(&peer, home), field(app, mia).verified_at), (2, None), "it changed");
    app.skip_secs(40 * DAY);
    finds(&node).await;
    assert_eq!(times(&peer, home), 2, "what is no link back is not asked for again");
}

async fn a_profile_is_read_and_changed_as_it_was_written(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let plain = ana.api.get("/api/v1/profile").await;
    is_shaped(&plain, "Profile");
    assert_eq!((&plain["avatar"], &plain["fields"]), (&Value::Null, &json!([])), "{plain}");
    assert_eq!(plain["id"], ana.id.as_str());
    let change = json!({
        "display_name": "Ana Amsel", "note": "Mends **bikes**", "bot": true, "locked": true,
        "fields_attributes": {"0": {"name": "Town", "value": "*Elm*"}},
    });
    let request = ana.api.request(Method::PATCH, "/api/v1/profile").json(&change);
    let changed = ana.api.send(request).await.ok();
    is_shaped(&changed, "Profile");
    for (key, value) in [
        ("display_name", json!("Ana Amsel")),
        ("note", json!("Mends **bikes**")),
        ("bot", json!(true)),
        ("locked", json!(true)),
        ("fields", json!([{"name": "Town", "value": "*Elm*", "verified_at": null}])),
    ] {
        assert_eq!(changed[key], value, "{changed}");
    }
    let account = ana.api.get(&format!("/api/v1/accounts/{}", ana.id)).await;
    assert!(account["note"].as_str().unwrap().contains("<strong>bikes</strong>"), "{account}");
    let part = reqwest::multipart::Part::bytes(super::media::picture()).file_name("me.png");
    let form = reqwest::multipart::Form::new().part("avatar", part);
    let request = ana.api.request(Method::PATCH, "/api/v1/profile").multipart(form);
    let changed = ana.api.send(request).await.ok();
    is_shaped(&changed, "Profile");
    assert!(changed["avatar"].is_string() && changed["header"].is_null(), "{changed}");
    assert_eq!(changed["display_name"], "Ana Amsel", "what is not named stays");
    let shown = changed["avatar"].as_str().unwrap().to_owned();
    assert!(node.public().try_get(&shown).await.status.is_success());
    ana.api.send(ana.api.request(Method::DELETE, "/api/v1/profile/avatar")).await.ok();
    eventually("the file of the picture is deleted", || async {
        (node.public().try_get(&shown).await.status == 404).then_some(())
    })
    .await;
    node.public().try_get("/api/v1/profile").await.refused(401);
}
