//! A small server on the library that Lemmy is built on: it judges us as Lemmy would.
use std::sync::{Arc, Mutex};

use activitypub_federation::{
    FEDERATION_CONTENT_TYPE,
    activity_sending::SendActivityTask,
    actix_web::inbox::receive_activity,
    config::{Data, FederationConfig, FederationMiddleware},
    fetch::{object_id::ObjectId, webfinger::webfinger_resolve_actor},
    http_signatures::generate_actor_keypair,
    protocol::{context::WithContext, public_key::PublicKey},
    traits::{Actor, Object},
};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Map, json};
use url::Url;

use super::{
    community,
    lemmy_types::{Announced, Any, Endpoints, Page, Someone, SomeoneJson, SomeoneKind},
};
use crate::harness::{Database, Setup, eventually, free_port};

stories!(lemmys_library_reads_and_hears_us, lemmys_library_reads_us_in_secure_mode);

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The server: one person, and what came to its inbox or was refused there.
#[derive(Clone, Debug)]
pub struct Peer {
    pub me: Someone,
    pub received: Arc<Mutex<Vec<Result<Any, String>>>>,
}

type Lemmy = FederationConfig<Peer>;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Starts it; `draft10` leaves `(created)` and `(expires)` out of signatures, as Lemmy does.
async fn lemmy(draft10: bool) -> Lemmy {
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let id = url(&format!("{base}/u/lea"));
    let pair = tokio::task::block_in_place(|| generate_actor_keypair().unwrap());
    let json = SomeoneJson {
        kind: SomeoneKind::Person,
        id: ObjectId::from(id.clone()),
        preferred_username: "lea".to_owned(),
        inbox: url(&format!("{id}/inbox")),
        outbox: url(&format!("{id}/outbox")),
        public_key: PublicKey {
            id: format!("{id}#main-key"),
            owner: id.clone(),
            public_key_pem: pair.public_key,
        },
        followers: None,
        endpoints: Some(Endpoints { shared_inbox: url(&format!("{base}/inbox")) }),
        attributed_to: None,
        featured: None,
        posting_restricted_to_mods: None,
        published: None,
    };
    let me = Someone { json, private_key: Some(pair.private_key) };
    let peer = Peer { me: me.clone(), received: Arc::default() };
    let config = FederationConfig::builder()
        .domain(format!("localhost:{port}"))
        .signed_fetch_actor(&me)
        .app_data(peer)
        .debug(true)
        .http_signature_compat(draft10)
        .build()
        .await
        .unwrap();
    let shared = config.clone();
    let server = move || {
        App::new()
            .wrap(FederationMiddleware::new(shared.clone()))
            .route("/u/lea", web::get().to(person))
            .route("/inbox", web::post().to(inbox))
            .route("/u/lea/inbox", web::post().to(inbox))
            .route("/.well-known/nodeinfo", web::get().to(nodeinfo_links))
            .route("/nodeinfo/2.0", web::get().to(nodeinfo))
    };
    // The server of actix has threads and a runtime of its own.
    std::thread::spawn(move || {
        let run = async {
            HttpServer::new(server).workers(1).bind(("localhost", port)).unwrap().run().await
        };
        actix_web::rt::System::new().block_on(run).unwrap();
    });
    eventually("Lemmy's library answers", || async {
        tokio::net::TcpStream::connect(("localhost", port)).await.ok().map(drop)
    })
    .await;
    config
}

async fn person(data: Data<Peer>) -> HttpResponse {
    let json = data.me.clone().into_json(&data).await.unwrap();
    HttpResponse::Ok().content_type(FEDERATION_CONTENT_TYPE).json(WithContext::new_default(json))
}

async fn inbox(request: HttpRequest, body: web::Bytes, data: Data<Peer>) -> HttpResponse {
    let text = String::from_utf8_lossy(&body).into_owned();
    let outcome = receive_activity::<WithContext<Any>, Someone, Peer>(request, body, &data).await;
    outcome.unwrap_or_else(|why| {
        data.received.lock().unwrap().push(Err(format!("{why}: {text}")));
        HttpResponse::BadRequest().body(why.to_string())
    })
}

async fn nodeinfo_links(data: Data<Peer>) -> HttpResponse {
    let href = data.me.id().join("/nodeinfo/2.0").unwrap();
    let rel = "http://nodeinfo.diaspora.software/ns/schema/2.0";
    HttpResponse::Ok().json(json!({"links": [{"rel": rel, "href": href}]}))
}

async fn nodeinfo() -> HttpResponse {
    HttpResponse::Ok()
        .json(json!({"version": "2.0", "software": {"name": "lemmy", "version": "1.0.0"}}))
}

/// Signs and delivers an activity by Lea; the library's verdict on our answer.
async fn sends(lemmy: &Lemmy, to: &Someone, activity: &Any) -> Result<(), String> {
    let data = lemmy.to_request_data();
    let inboxes = vec![to.shared_inbox_or_inbox()];
    let whole = WithContext::new_default(activity.clone());
    let tasks = SendActivityTask::prepare(&whole, &data.me, inboxes, &data).await;
    for task in tasks.map_err(|why| why.to_string())? {
        task.sign_and_send(&data).await.map_err(|why| why.to_string())?;
    }
    Ok(())
}

/// What came that fits; anything that was refused fails the story.
async fn receives<T>(lemmy: &Lemmy, what: &str, fits: impl Fn(&Any) -> Option<T>) -> T {
    let received = Arc::clone(&lemmy.to_request_data().received);
    eventually(&format!("{what} comes"), || async {
        let received = received.lock().unwrap();
        let refused: Vec<&String> = received.iter().filter_map(|one| one.as_ref().err()).collect();
        assert!(refused.is_empty(), "Lemmy's library refuses: {refused:#?}");
        received.iter().flatten().find_map(&fits)
    })
    .await
}

fn activity(lemmy: &Lemmy, kind: &str, number: usize, object: serde_json::Value) -> Any {
    let me = lemmy.to_request_data().me.id().clone();
    Any {
        id: url(&format!("{me}/{kind}/{number}")),
        actor: me,
        kind: kind.to_owned(),
        object,
        rest: Map::new(),
    }
}

async fn lemmys_library_reads_and_hears_us(database: Database) {
    for draft10 in [false, true] {
        let (node, ana) = community(Setup::new(database)).await;
        let lemmy = lemmy(draft10).await;
        let data = lemmy.to_request_data();
        // Our people, our group and our posts are what Lemmy takes for such.
        let read = async |path: &str| -> Someone {
            let id = ObjectId::<Someone>::from(url(&format!("{}{path}", node.public_url())));
            id.dereference(&data).await.unwrap_or_else(|why| panic!("{path}: {why}"))
        };
        let (person, group) = (read("/u/ana").await, read("/c/repairs").await);
        assert_eq!(person.json.kind, SomeoneKind::Person);
        assert_eq!(group.json.kind, SomeoneKind::Group);
        let moderators = format!("{}/moderators", group.id());
        assert_eq!(group.json.attributed_to.as_ref().map(Url::as_str), Some(&*moderators));
        assert!(group.json.featured.is_some() && group.json.posting_restricted_to_mods.is_some());
        assert!(person.json.published.is_some() && person.shared_inbox().is_some());
        let handle = format!("repairs@{}", node.domain());
        let found: Someone = webfinger_resolve_actor(&handle, &data).await.unwrap();
        assert_eq!(found.id(), group.id());
        let post = ana.posts("Who has a saw? @repairs").await;
        let uri = url(post["uri"].as_str().unwrap());
        let page = ObjectId::<Page>::from(uri.clone()).dereference(&data).await.unwrap().0;
        assert_eq!(page.attributed_to.inner(), person.id());
        // Without a title of its own Lemmy takes the first line.
        assert!(page.name.or(page.content).is_some_and(|text| text.contains("saw")));
        assert!(page.to.iter().any(|to| to.as_str() == PUBLIC));
        assert_eq!(page.audience.as_ref().map(ObjectId::inner), Some(group.id()));

        // What it signs we take; what we sign it takes.
        let mut follow = activity(&lemmy, "Follow", 1, json!(group.id()));
        follow.rest.insert("to".into(), json!([group.id()]));
        sends(&lemmy, &group, &follow).await.unwrap();
        let accepted = receives(&lemmy, "the Accept", |any| {
            (any.kind == "Accept").then(|| any.object["id"].clone())
        });
        assert_eq!(accepted.await, json!(follow.id));

        // A new thread is announced whole, and everything in it is what Lemmy demands.
        let mut number = 0;
        let announced = eventually("an activity is announced", || {
            number += 1;
            let (ana, received) = (&ana, Arc::clone(&data.received));
            async move {
                ana.posts(&format!("Number {number} @repairs")).await;
                let received = received.lock().unwrap().clone();
                received
                    .into_iter()
                    .flatten()
                    .find(|any| any.kind == "Announce" && any.object["type"] == "Create")
            }
        })
        .await;
        assert_eq!(announced.actor, *group.id());
        let inner: Announced = serde_json::from_value(announced.object.clone())
            .unwrap_or_else(|why| panic!("{why}: {:#}", announced.object));
        assert_eq!((inner.actor.inner(), &*inner.kind), (person.id(), "Create"));
        assert_eq!(inner.audience.as_ref().map(ObjectId::inner), Some(group.id()));
        assert!(inner.object.content.is_some() && inner.object.source.is_some());
        assert!(inner.to.iter().chain(&inner.cc).any(|one| one == group.id()), "{inner:?}");
        assert_eq!(inner.object.kind, super::lemmy_types::PageKind::Note);
        assert!(inner.id.as_str().starts_with(&node.public_url()));

        // And what is posted there arrives here.
        let me = data.me.id();
        let page = json!({
            "id": format!("{me}/post/1"), "type": "Page", "attributedTo": me, "name": "From Lemmy",
            "to": [group.id(), PUBLIC], "cc": [], "audience": group.id(),
            "content": "<p>A saw is here</p>", "mediaType": "text/html",
            "published": commonhold::types::Time::now().rfc3339(),
        });
        let mut create = activity(&lemmy, "Create", 1, page);
        create.rest.insert("to".into(), json!([group.id(), PUBLIC]));
        create.rest.insert("cc".into(), json!([]));
        create.rest.insert("audience".into(), json!(group.id()));
        sends(&lemmy, &group, &create).await.unwrap();
        ana.sees("A saw is here").await;
        receives(&lemmy, "nothing wrong", |_| Some(())).await;
    }
}

async fn lemmys_library_reads_us_in_secure_mode(database: Database) {
    let (node, _) = community(Setup::new(database).with("SECURE_MODE", "true")).await;
    for draft10 in [false, true] {
        let lemmy = lemmy(draft10).await;
        for path in ["/u/ana", "/c/repairs"] {
            let id = ObjectId::<Someone>::from(url(&format!("{}{path}", node.public_url())));
            let read = id.dereference(&lemmy.to_request_data()).await;
            // Only as Lemmy sets it up does the library sign the host of what it asks for; without
            // that, what was signed for somebody else could be shown here.
            assert_eq!(read.is_ok(), draft10, "{path}: {read:?}");
        }
    }
}
