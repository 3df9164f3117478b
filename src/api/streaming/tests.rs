//! Who hears what: real rules on a real database, without a network in between.
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::{
    hear::Frame,
    listener::Listener,
    stream::{Stream, Wanted},
};
use crate::{
    app::App,
    config::Config,
    db::actors::Actor,
    domain::{
        follows,
        members::{self, Applicant},
        oauth,
        posts::{self, Draft},
    },
    error::{Error, Result},
    keys::KeyPair,
    types::{PostId, Visibility},
};

struct House {
    app: App,
    _dir: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display();
        let env = [
            ("COMMONHOLD_DATA_DIR", path.to_string()),
            ("COMMONHOLD_DATABASE_URL", format!("sqlite:{path}/test.db")),
            ("COMMONHOLD_RATE_LIMITS", "false".into()),
        ];
        let config = Config::load(None, env.into_iter().map(|(k, v)| (k.to_owned(), v))).unwrap();
        Self { app: App::open(config).unwrap(), _dir: dir }
    }

    /// A member, and a token that allows `scopes`.
    async fn member(&self, name: &str, scopes: &str) -> (Actor, String) {
        let applicant = Applicant {
            name: name.into(),
            email: format!("{name}@mail.example"),
            locale: "en".into(),
            ..Applicant::default()
        };
        let scopes = scopes.to_owned();
        self.app
            .write(move |tx| {
                let actor = members::create(tx, applicant, KeyPair::generate()?, false)?;
                let token = oauth::issue(tx, None, Some(actor.id), &scopes)?;
                Ok((actor, token.0))
            })
            .await
            .unwrap()
    }

    async fn listener(&self, token: Option<&str>) -> Listener {
        Listener::new(&self.app, token.map(str::to_owned)).await.unwrap()
    }

    async fn posts(&self, author: &Actor, text: &str, visibility: Visibility) -> PostId {
        let draft = Draft { source: text.into(), visibility: Some(visibility), ..Draft::default() };
        let author = author.clone();
        self.app.write(move |tx| Ok(posts::publish(tx, &author, draft)?.id)).await.unwrap()
    }
}

fn stream(name: &str) -> Stream {
    let tag = name.starts_with("hashtag").then(|| "Bikes".to_owned());
    Stream::wanted(&Wanted { stream: name.into(), tag, list: None }).unwrap()
}

/// Everything heard until nothing more comes.
async fn heard(listener: &mut Listener) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let Ok(Some(change)) = timeout(Duration::from_millis(300), listener.change()).await {
        frames.extend(listener.frames(change).await);
    }
    frames
}

fn events(frames: &[Frame]) -> Vec<(&str, &str)> {
    frames.iter().map(|frame| (frame.stream[0].as_str(), frame.event)).collect()
}

#[actix_web::test]
async fn followers_hear_of_posts_and_others_do_not() {
    let house = House::new();
    let (ana, _) = house.member("ana", "read").await;
    let (ben, bens) = house.member("ben", "read").await;
    let (_, carls) = house.member("carl", "read").await;
    let (target, follower) = (ana.clone(), ben.id);
    let follow = move |tx: &mut crate::domain::Tx<'_>| -> Result<()> {
        follows::follow(tx, follower, &target, follows::Options::default()).map(drop)
    };
    house.app.write(follow).await.unwrap();
    let (mut ben, mut carl) =
        (house.listener(Some(&bens)).await, house.listener(Some(&carls)).await);
    let mut anybody = house.listener(None).await;
    ben.subscribe(stream("user")).unwrap();
    carl.subscribe(stream("user")).unwrap();
    anybody.subscribe(stream("public")).unwrap();
    anybody.subscribe(stream("hashtag")).unwrap();

    let secret = house.posts(&ana, "For friends", Visibility::Followers).await;
    house.posts(&ana, "For all #bikes", Visibility::Public).await;
    let frames = heard(&mut ben).await;
    assert_eq!(events(&frames), [("user", "update"), ("user", "update")]);
    let status: Value = serde_json::from_str(&frames[0].payload).unwrap();
    assert_eq!(status["id"], secret.to_string());
    assert_eq!(heard(&mut carl).await, []);
    let frames = heard(&mut anybody).await;
    assert_eq!(events(&frames), [("public", "update"), ("hashtag", "update")]);
    assert_eq!(frames[1].stream, ["hashtag", "Bikes"]);

    let author = ana.clone();
    house.app.write(move |tx| posts::delete(tx, &author, secret)).await.unwrap();
    let frames = heard(&mut ben).await;
    assert_eq!((frames[0].event, &frames[0].payload), ("delete", &secret.to_string()));
    assert_eq!(heard(&mut carl).await, [], "not even that there was something");
    assert_eq!(heard(&mut anybody).await, []);
}

#[actix_web::test]
async fn notifications_are_for_the_notified_alone_and_need_their_scope() {
    let house = House::new();
    let (ana, anas) = house.member("ana", "read").await;
    let (ben, bens) = house.member("ben", "read:statuses").await;
    let mut listeners = Vec::new();
    for token in [&anas, &bens] {
        let mut listener = house.listener(Some(token)).await;
        listener.subscribe(stream("user")).unwrap();
        listeners.push(listener);
    }
    assert!(matches!(
        listeners[1].subscribe(stream("user:notification")),
        Err(Error::Forbidden(_))
    ));
    listeners[0].subscribe(stream("user:notification")).unwrap();
    house.posts(&ben, "Hello @ana", Visibility::Public).await;
    house.posts(&ana, "Hello @ben", Visibility::Direct).await;
    let frames = heard(&mut listeners[0]).await;
    let told: Vec<&Frame> = frames.iter().filter(|f| f.event == "notification").collect();
    assert_eq!(told.len(), 2, "on both of her streams: {frames:?}");
    let told: Value = serde_json::from_str(&told[0].payload).unwrap();
    assert_eq!((&told["type"], &told["account"]["acct"]), (&"mention".into(), &"ben".into()));
    let frames = heard(&mut listeners[1]).await;
    assert!(frames.iter().all(|frame| frame.event == "update"), "{frames:?}");
}

#[actix_web::test]
async fn a_token_that_does_not_hold_opens_nothing() {
    let house = House::new();
    let refused = Listener::new(&house.app, Some("made up".into())).await;
    assert!(matches!(refused, Err(Error::Unauthorized)));
    let mut anybody = house.listener(None).await;
    assert!(matches!(anybody.subscribe(stream("user")), Err(Error::Unauthorized)));
}
