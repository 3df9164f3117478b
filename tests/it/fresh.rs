//! What is known of others grows old and is read anew; what groups elsewhere say of themselves in
//! lists is known before anybody acts on it. Days go by here, so there is no server.
use commonhold::{
    App,
    db::{self, actors::Actor},
    domain::{self, follows, members},
    federation::actors::resolve,
    keys::KeyPair,
    types::Uri,
    worker,
};
use serde_json::{Value, json};

use crate::harness::{Database, Inside, Peer, Setup};

stories!(
    others_are_read_anew_after_a_day,
    who_moderates_a_group_elsewhere_is_known_from_the_start,
    lists_that_lie_or_never_end_do_no_harm,
);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const GARDEN: &str = "https://lemmy.example/c/garden";
const LEO: &str = "https://lemmy.example/u/leo";
const MIA: &str = "https://masto.example/users/mia";

async fn world(database: Database) -> (Peer, Inside) {
    let peer = Peer::start(&["lemmy.example", "masto.example", "evil.example"]).await;
    for person in [LEO, MIA] {
        peer.person(person);
    }
    let node = peer.known_to(Setup::new(database)).inside();
    (peer, node)
}

/// A group that says where its lists are, under this name.
fn introduces(peer: &Peer, name: &str, lists: &Value) {
    let mut garden = peer.actor(GARDEN, "Group");
    garden["name"] = json!(name);
    garden.as_object_mut().unwrap().extend(lists.as_object().unwrap().clone());
    peer.introduces(&garden);
}

fn lists() -> Value {
    json!({"attributedTo": format!("{GARDEN}/moderators"), "featured": format!("{GARDEN}/featured")})
}

fn serves_list(peer: &Peer, name: &str, items: &Value) {
    let id = format!("{GARDEN}/{name}");
    let list = json!({"id": id, "type": "OrderedCollection", "orderedItems": items});
    peer.serves(&id, &list);
}

async fn finds(app: &App, uri: &str) -> Actor {
    let found = resolve(app, &Uri::parse(uri).unwrap()).await.unwrap();
    worker::settle(app).await.unwrap();
    app.read_now(|conn| Ok(db::actors::by_id(conn, found.id)?)).unwrap()
}

fn moderators(app: &App, group: &Actor) -> Vec<String> {
    app.read_now(|conn| Ok(db::moderation::moderators_of(conn, group.id)?)).unwrap()
}

fn pinned(app: &App, group: &Actor) -> Vec<String> {
    let pins = app.read_now(|conn| Ok(db::posts::pinned(conn, group.id)?)).unwrap();
    pins.iter().map(|post| post.ap_id.to_string()).collect()
}

fn times(peer: &Peer, url: &str) -> usize {
    peer.asked().iter().filter(|asked| *asked == url).count()
}

fn page(number: u32, author: &str, group: &str) -> Value {
    json!({
        "id": format!("https://lemmy.example/post/{number}"), "type": "Page",
        "attributedTo": author, "name": format!("Bed {number}"), "content": "<p>Beans</p>",
        "to": [group, PUBLIC], "cc": [], "audience": group,
        "published": "2026-03-01T10:00:00Z",
    })
}

fn serves(peer: &Peer, page: &Value) -> Value {
    peer.serves(page["id"].as_str().unwrap(), page);
    page["id"].clone()
}

async fn others_are_read_anew_after_a_day(database: Database) {
    let (peer, node) = world(database).await;
    let app = &node.app;
    introduces(&peer, "Garden", &lists());
    serves_list(&peer, "moderators", &json!([MIA]));
    let garden = finds(app, GARDEN).await;
    assert_eq!(moderators(app, &garden), [MIA]);

    introduces(&peer, "Orchard", &lists());
    serves_list(&peer, "moderators", &json!([LEO]));
    app.skip_secs(23 * 3_600);
    assert_eq!(finds(app, GARDEN).await.display_name, "Garden");
    assert_eq!(times(&peer, GARDEN), 1, "it is believed for a day");
    app.skip_secs(2 * 3_600);
    let before = resolve(app, &garden.ap_id).await.unwrap();
    assert_eq!(before.display_name, "Garden", "nobody waits for the news");
    assert_eq!(finds(app, GARDEN).await.display_name, "Orchard");
    assert_eq!(moderators(app, &garden), [LEO]);
    assert_eq!(times(&peer, GARDEN), 2);

    // A server that is out of order is asked once a day, and what it said before stands.
    peer.serves_bytes(GARDEN, 500, "text/plain", Vec::new());
    app.skip_secs(25 * 3_600);
    for _ in 0..3 {
        assert_eq!(finds(app, GARDEN).await.display_name, "Orchard");
    }
    assert_eq!(times(&peer, GARDEN), 3);
    // Whom nobody uses nobody asks for.
    app.skip_secs(10 * 86_400);
    worker::settle(app).await.unwrap();
    assert_eq!(times(&peer, GARDEN), 3);
}

async fn who_moderates_a_group_elsewhere_is_known_from_the_start(database: Database) {
    let (peer, node) = world(database).await;
    let app = &node.app;
    introduces(&peer, "Garden", &lists());
    // In pages, as long lists come, with somebody named twice.
    let id = format!("{GARDEN}/moderators");
    let next = format!("{id}?page=2");
    peer.serves(
        &id,
        &json!({"id": id, "type": "OrderedCollection", "first": {"type": "OrderedCollectionPage",
            "orderedItems": [LEO, {"id": LEO, "type": "Person"}], "next": next}}),
    );
    let second = json!({"id": next, "type": "OrderedCollectionPage", "orderedItems": [MIA]});
    peer.serves(&next, &second);
    let first = page(1, LEO, GARDEN);
    let mut answer = page(2, LEO, GARDEN);
    answer["inReplyTo"] = serves(&peer, &first);
    let of_nobody = page(3, LEO, "https://lemmy.example/c/nobody");
    let second = page(4, LEO, GARDEN);
    let listed: Vec<Value> =
        [&second, &answer, &of_nobody, &first].iter().map(|page| serves(&peer, page)).collect();
    serves_list(&peer, "featured", &json!(listed));

    let garden = finds(app, GARDEN).await;
    assert_eq!(moderators(app, &garden).len(), 2);
    for actor in [LEO, MIA] {
        let actor = finds(app, actor).await;
        let steward = app.read_now(|c| domain::moderation::is_steward(c, &garden, &actor));
        assert!(steward.unwrap(), "{}", actor.ap_id);
    }
    assert!(pinned(app, &garden).is_empty(), "nobody here is in");

    let ana = node.member("ana");
    let (me, group) = (ana.id, garden.clone());
    app.write_now(move |tx| {
        follows::follow(tx, me, &group, follows::Options::default())?;
        follows::accept(tx, group.id, me).map(drop)
    })
    .unwrap();
    worker::settle(app).await.unwrap();
    assert_eq!(pinned(app, &garden), [second["id"].clone(), first["id"].clone()], "in order");
    assert_eq!(times(&peer, answer["id"].as_str().unwrap()), 1, "answers are not looked into");

    serves_list(&peer, "featured", &json!([first["id"]]));
    app.skip_secs(25 * 3_600);
    finds(app, GARDEN).await;
    assert_eq!(pinned(app, &garden), [first["id"].clone()]);
}

async fn lists_that_lie_or_never_end_do_no_harm(database: Database) {
    let (peer, node) = world(database).await;
    let app = &node.app;
    // On another server.
    let theirs = "https://evil.example/moderators";
    introduces(&peer, "Garden", &json!({"attributedTo": theirs, "featured": theirs}));
    let list = json!({"id": theirs, "type": "OrderedCollection", "orderedItems": [MIA]});
    peer.serves(theirs, &list);
    let garden = finds(app, GARDEN).await;
    assert!(moderators(app, &garden).is_empty() && times(&peer, theirs) == 0);

    // Without end, and then on another server: what is there is taken, but no more than that.
    introduces(&peer, "Garden", &lists());
    for number in 0..20 {
        let id = match number {
            0 => format!("{GARDEN}/moderators"),
            number => format!("{GARDEN}/moderators?page={number}"),
        };
        let page = json!({"id": id, "type": "OrderedCollectionPage",
            "orderedItems": [format!("https://lemmy.example/u/many{number}")],
            "next": format!("{GARDEN}/moderators?page={}", number + 1)});
        peer.serves(&id, &page);
    }
    app.skip_secs(25 * 3_600);
    finds(app, GARDEN).await;
    assert_eq!(moderators(app, &garden).len(), 5);

    // What is no list, or is not there just now, takes nobody's place.
    for (status, body) in [(200, json!({"type": "Note"})), (500, json!({})), (404, json!({}))] {
        let kind = "application/activity+json";
        let at = format!("{GARDEN}/moderators");
        peer.serves_bytes(&at, status, kind, body.to_string().into_bytes());
        app.skip_secs(25 * 3_600);
        finds(app, GARDEN).await;
        assert_eq!(moderators(app, &garden).len(), 5, "{status}");
    }
    // One that names nobody is believed.
    serves_list(&peer, "moderators", &json!([]));
    app.skip_secs(25 * 3_600);
    finds(app, GARDEN).await;
    assert!(moderators(app, &garden).is_empty());
}

impl Inside {
    fn member(&self, name: &str) -> Actor {
        let applicant = members::Applicant {
            name: name.into(),
            email: format!("{name}@example.org"),
            password_hash: "none".into(),
            ..Default::default()
        };
        let join =
            move |tx: &mut domain::Tx| members::create(tx, applicant, KeyPair::generate()?, false);
        self.app.write_now(join).unwrap()
    }
}
