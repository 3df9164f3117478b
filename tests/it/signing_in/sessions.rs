//! Where a member is signed in, which apps act for them, and how to end either.
use std::time::Duration;

use futures_util::StreamExt as _;

use super::{app, authorize_path, token};
use crate::harness::{Api, Database, Node, Surfer};

stories!(
    a_member_sees_where_they_are_signed_in_and_ends_it,
    an_app_that_is_signed_out_hears_nothing_more,
);

async fn a_member_sees_where_they_are_signed_in_and_ends_it(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    node.member("ben").await;
    let agents = [
        "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1",
        "<b>evil</b>",
    ];
    let mut surfers = Vec::new();
    for agent in agents {
        let mut surfer = Surfer::new(&node, agent);
        surfer.signs_in("ana").await;
        surfers.push(surfer);
    }
    let mut home = surfers.remove(0);
    home.opens("/settings/sign-in").await;
    home.sees("Firefox on Windows").sees("Safari on iPhone").sees("&#60;b&#62;evil&#60;");
    assert_eq!(home.page.matches("this one").count(), 1);
    home.sees("Signed in with Safari on iPhone.");
    let mut ben = Surfer::new(&node, "curl/8");
    ben.signs_in("ben").await;

    // One browser goes, and nobody can end another's.
    let rows: Vec<&str> = home.page.split("/settings/sessions/").collect();
    let row = rows.iter().find(|row| row.contains("Sign out: Safari on iPhone")).unwrap();
    let id = row.split('/').next().unwrap().to_owned();
    ben.opens("/settings/sign-in").await;
    ben.page = ben.page.replace("/settings/sessions/", &format!("/settings/sessions/{id}/end?"));
    ben.presses_by("Sign out: curl").await;
    assert_eq!(ben.status, 404);
    home.presses_by("Sign out: Safari on iPhone").await.sees("That browser is signed out");
    home.sees_no("Sign out: Safari on iPhone");
    assert!(!surfers[0].is_in().await);
    assert!(surfers[1].is_in().await && home.is_in().await);

    // All others go; apps stay.
    home.opens("/settings/sign-in").await;
    home.sends("end-others", &[]).await.sees("Every other browser is signed out");
    assert!(!surfers[1].is_in().await && home.is_in().await && ben.is_in().await);
    ana.api.get("/api/v1/accounts/verify_credentials").await;
    home.opens("/settings/sign-in").await.presses_by("Sign out: Firefox on Windows").await;
    assert!(!home.is_in().await);
}

const REDIRECT: &str = "com.tapbots.Ivory.10217:/request_token";

async fn an_app_that_is_signed_out_hears_nothing_more(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let mut home = Surfer::new(&node, "curl/8");
    home.signs_in("ana").await;
    home.opens("/settings/apps").await.sees("A script of those who run this server");
    let app = app(&node, REDIRECT).await;
    let mut tokens = Vec::new();
    for scope in ["read", "read write:media"] {
        home.opens(&authorize_path(&app, REDIRECT, scope)).await;
        home.sends("authorize", &[("decision", "allow")]).await;
        let back = home.away.clone().unwrap();
        tokens.push(token(&node, &app, REDIRECT, &back).await);
    }
    home.opens("/settings/apps").await.sees("Ivory").sees("https://tapbots.com");
    home.sees("Read everything that you can read here").sees("Change your pictures");
    assert_eq!(home.page.matches("<h3>").count(), 2, "one line for each app");

    let streaming = Api::with_token(&node.origin(), &tokens[0]);
    let request = streaming.request(reqwest::Method::GET, "/api/v1/streaming/user");
    let mut stream = request.send().await.unwrap().bytes_stream();
    ana.posts("Before").await;
    let heard = stream.next().await.unwrap().unwrap();
    assert!(!heard.is_empty());

    home.presses_by("Sign it out: Ivory").await.sees("It is signed out, everywhere");
    home.sees_no("Ivory");
    // The stream ends at once, and not with its next sign of life.
    let over = async { while stream.next().await.is_some_and(|part| part.is_ok()) {} };
    tokio::time::timeout(Duration::from_secs(10), over).await.expect("the stream ends");
    for token in &tokens {
        let api = Api::with_token(&node.origin(), token);
        api.try_get("/api/v1/accounts/verify_credentials").await.refused(401);
        api.try_get("/api/v1/streaming/user").await.refused(401);
    }
    ana.api.get("/api/v1/accounts/verify_credentials").await;
    home.opens("/settings/sign-in").await.sees("The app Ivory was let in.");
}
