//! Apps, OAuth and sign-up.
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::harness::{Api, Database, Member, Node, Setup, authorize, is_shaped};

stories!(
    an_app_signs_in_with_pkce_and_its_own_scheme,
    a_wrong_password_gives_no_code,
    a_token_does_no_more_than_it_was_given_for,
    an_app_signs_a_newcomer_up,
);

const CALLBACK: &str = "com.tapbots.Ivory.10217:/request_token";

async fn register(api: &Api) -> Value {
    let redirects = format!("{CALLBACK}\nurn:ietf:wg:oauth:2.0:oob");
    let form = [
        ("client_name", "Ivory"),
        ("redirect_uris", redirects.as_str()),
        ("scopes", "read write follow push"),
        ("website", "https://tapbots.com"),
    ];
    api.try_form("/api/v1/apps", &form).await.ok()
}

async fn an_app_signs_in_with_pkce_and_its_own_scheme(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let public = node.public();
    let app = register(&public).await;
    is_shaped(&app, "CredentialApplication");
    assert_eq!(app["redirect_uris"], json!([CALLBACK, "urn:ietf:wg:oauth:2.0:oob"]));
    assert!(app["vapid_key"].is_string(), "{app}");

    let verifier = "a-verifier-that-is-long-enough-to-be-taken-0123456789";
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    let id = app["client_id"].as_str().unwrap();
    let query = [
        ("client_id", id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "read write follow push"),
        ("state", "st/ate?&=%"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = url::Url::parse_with_params(&format!("{}/oauth/authorize", node.origin()), query);
    let code = || {
        let given = authorize(url.as_ref().unwrap().as_str(), &ana.email(), Member::PASSWORD);
        let given = given.unwrap();
        assert_eq!(given["state"], "st/ate?&=%");
        given["code"].as_str().unwrap().to_owned()
    };
    let exchange = async |code: &str, verifier: &str| {
        let secret = app["client_secret"].as_str().unwrap();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", id),
            ("client_secret", secret),
            ("redirect_uri", CALLBACK),
            ("code", code),
            ("code_verifier", verifier),
        ];
        public.try_form("/oauth/token", &form).await
    };
    let refused = exchange(&code(), "not-the-verifier-that-was-announced-012345678901").await;
    assert_eq!(refused.refused(400), "invalid_grant");
    let code = code();
    let token = exchange(&code, verifier).await.ok();
    is_shaped(&token, "Token");
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["scope"], "read write follow push");
    assert!(token["created_at"].is_i64(), "{token}");
    assert_eq!(exchange(&code, verifier).await.refused(400), "invalid_grant", "a code works once");

    let mine = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    let me = mine.get("/api/v1/accounts/verify_credentials").await;
    is_shaped(&me, "CredentialAccount");
    assert_eq!(me["username"], "ana");
    let application = mine.get("/api/v1/apps/verify_credentials").await;
    assert_eq!(application["name"], "Ivory");

    let revoke = json!({
        "client_id": id, "client_secret": app["client_secret"], "token": token["access_token"],
    });
    assert_eq!(public.post("/oauth/revoke", revoke).await, json!({}));
    mine.try_get("/api/v1/accounts/verify_credentials").await.refused(401);
    mine.try_get("/api/v1/timelines/public").await.refused(401);
}

async fn a_wrong_password_gives_no_code(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let app = register(&node.public()).await;
    let url = format!(
        "{}/oauth/authorize?client_id={}&response_type=code\
         &redirect_uri=urn:ietf:wg:oauth:2.0:oob&scope=read",
        node.origin(),
        app["client_id"].as_str().unwrap()
    );
    authorize(&url, &ana.email(), "not the password").unwrap_err();
    authorize(&url, &ana.email(), Member::PASSWORD).unwrap();
    authorize(&url, &ana.name, Member::PASSWORD).unwrap();
}

async fn a_token_does_no_more_than_it_was_given_for(database: Database) {
    let node = Node::start(database).await;
    let ana = node.member("ana").await;
    let printed = node.run(&["member", "token", "ana", "--scopes", "read:statuses"]);
    let narrow = Api::with_token(&node.origin(), printed.split_whitespace().last().unwrap());
    narrow.get("/api/v1/timelines/home").await;
    narrow.try_post("/api/v1/statuses", json!({"status": "no"})).await.refused(403);
    narrow.try_get("/api/v1/notifications").await.refused(403);
    node.public().try_post("/api/v1/statuses", json!({"status": "no"})).await.refused(401);
    assert_eq!(ana.home().await, Vec::<Value>::new());
}

async fn an_app_signs_a_newcomer_up(database: Database) {
    let node = Node::start(database).await;
    let public = node.public();
    let app = register(&public).await;
    let grant = json!({
        "grant_type": "client_credentials",
        "client_id": app["client_id"], "client_secret": app["client_secret"],
        "scope": "read write",
    });
    let token = public.post("/oauth/token", grant).await;
    let app = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    app.get("/api/v1/apps/verify_credentials").await;

    let blank = json!({"username": "", "email": "x", "password": "x", "agreement": false});
    let refused = app.try_post("/api/v1/accounts", blank).await;
    refused.refused(422);
    let details = &refused.json()["details"];
    assert!(details["username"][0]["error"].is_string(), "{details}");

    let dora = json!({
        "username": "dora", "email": "dora@example.org", "password": Member::PASSWORD,
        "agreement": true, "locale": "en",
    });
    let token = app.post("/api/v1/accounts", dora.clone()).await;
    is_shaped(&token, "Token");
    let mine = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    let me = mine.get("/api/v1/accounts/verify_credentials").await;
    assert_eq!(me["username"], "dora");
    assert_eq!(me["source"]["privacy"], "public");
    let again = app.try_post("/api/v1/accounts", dora.clone()).await;
    again.refused(422);
    assert_eq!(again.json()["details"]["username"][0]["error"], "ERR_TAKEN");

    let closed = Setup::new(database).with("SIGN_UP", "closed").start().await;
    let instance = closed.public().get("/api/v2/instance").await;
    assert_eq!(instance["registrations"]["enabled"], false);
}
