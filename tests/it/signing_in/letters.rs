//! Letters with links: to confirm an address, to choose a new password; and how it goes without mail.
use serde_json::json;

use super::switched_on;
use crate::harness::{Api, Database, Member, Node, Post, Setup, Surfer};

stories!(
    who_signs_up_confirms_their_address_first,
    an_app_waits_for_a_confirmed_address,
    a_forgotten_password_is_chosen_anew_by_mail,
    an_address_changes_once_the_new_one_is_confirmed,
    letters_wait_for_a_mail_server_that_is_full,
    without_mail_an_operator_hands_out_a_link,
);

const NEW: &str = "another long sentence to remember";

async fn with_mail(database: Database) -> (Post, Node) {
    let post = Post::start().await;
    let node = Setup::new(database)
        .with("SMTP_URL", &post.url())
        .with("MAIL_FROM", "Oak Street <post@oak.example>")
        .with("TITLE", "Oak Street")
        .start()
        .await;
    (post, node)
}

async fn who_signs_up_confirms_their_address_first(database: Database) {
    let (post, node) = with_mail(database).await;
    let mut dora = Surfer::new(&node, "curl/8");
    dora.opens("/auth/sign_up").await;
    let form =
        [("username", "dora"), ("email", "Dora@example.org"), ("password", Member::PASSWORD)];
    dora.sends("sign-up", &form).await.sees("Look into your mail").sees("Dora@example.org");
    assert!(!dora.is_in().await);
    assert_eq!(node.page("/@dora").await.status, 404, "not to be seen yet");
    let mail = post.brings("Dora@example.org", "Confirm your e-mail address at Oak Street").await;
    assert_eq!(mail.from, "post@oak.example");
    assert!(mail.header("from").contains("Oak Street"), "{:?}", mail.headers);
    assert_eq!(mail.header("auto-submitted"), "auto-generated");
    assert!(mail.header("content-type").contains("utf-8"), "{:?}", mail.headers);
    assert!(mail.body.starts_with("Hello dora,"), "{}", mail.body);

    // Signing in says how it stands, and sends it once more; a wrong password says nothing of it.
    dora.tries("dora", "wrong").await.sees("do not go together");
    dora.signs_in("dora").await.sees("Look into your mail");
    let second = post.brings("Dora@example.org", "Confirm").await;
    assert_ne!(mail.link(), second.link());

    // Whoever only looks at the link changes nothing.
    let mut reader = Surfer::new(&node, "A program that looks through mail");
    reader.opens(&second.link()).await.sees("Is this e-mail address yours?");
    dora.signs_in("dora").await.sees("Look into your mail");
    dora.opens(&mail.link()).await;
    dora.presses_by("Yes, confirm it").await.sees("You can sign in now");
    dora.signs_in("dora").await;
    assert!(dora.is_in().await);
    assert_eq!(node.page("/@dora").await.status, 200);
    for link in [mail.link(), second.link(), format!("{}/auth/confirm?token=x", node.origin())] {
        reader.opens(&link).await.sees("was used before, or is too old");
        assert_eq!(reader.status, 403);
    }
}

async fn an_app_waits_for_a_confirmed_address(database: Database) {
    let (post, node) = with_mail(database).await;
    let public = node.public();
    let app = super::app(&node, "urn:ietf:wg:oauth:2.0:oob").await;
    let grant = json!({
        "grant_type": "client_credentials", "scope": "read write",
        "client_id": app["client_id"], "client_secret": app["client_secret"],
    });
    let token = public.post("/oauth/token", grant).await;
    let app = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    let dora = json!({
        "username": "dora", "email": "slip@example.org", "password": Member::PASSWORD,
        "agreement": true, "locale": "en",
    });
    let token = app.post("/api/v1/accounts", dora).await;
    let mine = Api::with_token(&node.origin(), token["access_token"].as_str().unwrap());
    let says = "Your login is missing a confirmed e-mail address";
    let refused = mine.try_get("/api/v1/accounts/verify_credentials").await;
    assert_eq!(refused.refused(403), says);
    let refused = mine.try_post("/api/v1/statuses", json!({"status": "no"})).await;
    assert_eq!(refused.refused(403), says);
    assert_eq!(mine.get("/api/v1/emails/check_confirmation").await, false);
    post.brings("slip@example.org", "Confirm").await;

    // Once more, and to another address: there was a slip in the first.
    mine.post("/api/v1/emails/confirmations", json!({})).await;
    let slip = post.brings("slip@example.org", "Confirm").await;
    mine.post("/api/v1/emails/confirmations", json!({"email": "dora@example.org"})).await;
    let mail = post.brings("dora@example.org", "Confirm").await;
    let mut browser = Surfer::new(&node, "curl/8");
    browser.opens(&slip.link()).await.presses_by("Yes, confirm it").await;
    assert_eq!(browser.status, 403, "that address is not theirs any more");
    assert_eq!(mine.get("/api/v1/emails/check_confirmation").await, false);
    browser.opens(&mail.link()).await.presses_by("Yes, confirm it").await.sees("is confirmed");
    assert_eq!(mine.get("/api/v1/emails/check_confirmation").await, true);
    mine.get("/api/v1/accounts/verify_credentials").await;
    let done = mine.try_post("/api/v1/emails/confirmations", json!({})).await;
    assert!(done.refused(403).contains("awaiting confirmation"));
    public.try_get("/api/v1/emails/check_confirmation").await.refused(401);
    app.try_get("/api/v1/emails/check_confirmation").await.refused(422);
}

async fn a_forgotten_password_is_chosen_anew_by_mail(database: Database) {
    let (post, node) = with_mail(database).await;
    let ana = node.member("ana").await;
    let mut home = Surfer::new(&node, "curl/8");
    home.signs_in("ana").await;
    let (mut phone, _) = switched_on(&mut home).await;

    // The answer is the same whether there is such an account or not.
    let mut lost = Surfer::new(&node, "curl/8");
    lost.opens("/auth/sign_in").await.sees("Forgot your password?");
    let mut answers = Vec::new();
    for login in ["nobody", "nobody@example.org", "ana", "ana@example.org"] {
        lost.opens("/auth/forgot").await;
        lost.sends("forgot", &[("login", login)]).await.sees("If there is such an account");
        answers.push((lost.status, lost.page.clone()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let link = post.brings("ana@example.org", "Choose a new password").await.link();
    assert!(post.all_to("nobody@example.org").is_empty());

    lost.opens(&link).await.sees("Choose a new password");
    lost.sends("reset", &[("new_password", "short")]).await.sees("at least 8 characters");
    lost.sends("reset", &[("new_password", NEW)]).await.sees("Your password is changed");
    assert!(post.brings("ana@example.org", "was changed").await.body.contains("not you"));
    lost.opens(&link).await.sees("was used before, or is too old");

    // Everything is signed out, the old password is none, and the code is asked for as ever.
    assert!(!home.is_in().await);
    ana.api.try_get("/api/v1/accounts/verify_credentials").await.refused(401);
    lost.signs_in("ana").await.sees("do not go together");
    lost.tries("ana", NEW).await.sees("Your code");
    assert!(!lost.is_in().await);
    lost.opens("/auth/code").await;
    let code = phone.code().await;
    lost.sends("second-step", &[("code", &code)]).await;
    assert!(lost.is_in().await);
    lost.opens("/settings/sign-in").await.sees("The password was changed");

    node.run(&["member", "two-factor", "ana", "off"]);
    post.brings("ana@example.org", "Two-factor at Oak Street is off").await;
    let log = node.log();
    for secret in [NEW, link.split("token=").nth(1).unwrap(), "ana@example.org"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

async fn an_address_changes_once_the_new_one_is_confirmed(database: Database) {
    let (post, node) = with_mail(database).await;
    node.member("ana").await;
    node.member("ben").await;
    let mut ana = Surfer::new(&node, "curl/8");
    ana.signs_in("ana").await;
    ana.opens("/settings/account").await.sees("ana@example.org");
    let change = async |ana: &mut Surfer, email: &str, password: &str| {
        ana.opens("/settings/account").await;
        ana.sends("email", &[("new_email", email), ("email_password", password)]).await;
    };
    change(&mut ana, "ana@elm.example", "wrong").await;
    ana.sees("This is not your password");
    change(&mut ana, "ben@example.org", Member::PASSWORD).await;
    ana.sees("has an account here already");
    change(&mut ana, "ana@elm.example", Member::PASSWORD).await;
    ana.sees("We sent a letter to the new address").sees("You asked for");
    let told = post.brings("ana@example.org", "Your e-mail address at Oak Street").await;
    assert!(told.body.contains("ana@elm.example") && told.body.contains("not you"));
    let link = post.brings("ana@elm.example", "Confirm").await.link();

    // Until then the old one holds.
    assert!(Surfer::new(&node, "curl/8").signs_in("ana@example.org").await.is_in().await);
    ana.opens(&link).await.presses_by("Yes, confirm it").await.sees("is confirmed");
    ana.opens("/settings/account").await.sees("ana@elm.example").sees_no("You asked for");
    assert!(Surfer::new(&node, "curl/8").signs_in("ana@elm.example").await.is_in().await);
    let mut old = Surfer::new(&node, "curl/8");
    old.signs_in("ana@example.org").await.sees("do not go together");
    ana.opens("/settings/sign-in").await.sees("The e-mail address was changed");
}

async fn letters_wait_for_a_mail_server_that_is_full(database: Database) {
    let (post, node) = with_mail(database).await;
    node.member("ana").await;
    post.is_full(true);
    let mut lost = Surfer::new(&node, "curl/8");
    lost.opens("/auth/forgot").await;
    lost.sends("forgot", &[("login", "ana")]).await.sees("Look into your mail");
    crate::harness::eventually("the node is told that there is no room", || async {
        node.log().contains("the mail server does not take it now").then_some(())
    })
    .await;
    assert!(!node.log().contains("post@oak.example"), "what the server says is not repeated");
    // Not even a power failure loses it.
    node.restart().await;
    assert!(post.all_to("ana@example.org").is_empty());
    post.is_full(false);
    let link = post.brings("ana@example.org", "Choose a new password").await.link();
    lost.opens(&link).await.sees("Choose a new password");
}

async fn without_mail_an_operator_hands_out_a_link(database: Database) {
    let node = Setup::new(database).with("CONTACT_EMAIL", "post@oak.example").start().await;
    node.operator("olga").await;
    let ana = node.member("ana").await;
    let mut lost = Surfer::new(&node, "curl/8");
    lost.opens("/auth/forgot").await.sees("sends no mail").sees("post@oak.example");
    let refused = node.run_with(&["member", "confirm", "ana"], "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("confirmed already"));

    let printed = node.run(&["member", "reset-link", "ana"]);
    let link = printed.split_whitespace().last().unwrap().to_owned();
    lost.opens(&link).await.sees("<bdi>ana</bdi>");
    lost.sends("reset", &[("new_password", NEW)]).await.sees("Your password is changed");
    ana.api.try_get("/api/v1/accounts/verify_credentials").await.refused(401);
    assert!(lost.tries("ana", NEW).await.is_in().await);
    lost.opens(&link).await.sees("was used before");

    let mut olga = Surfer::new(&node, "curl/8");
    olga.signs_in("olga").await;
    olga.opens("/operator/accounts").await;
    olga.sends("help-in", &[("name", "ana"), ("act", "link")]).await.sees("is shown this once");
    let link = olga.text("reset-link");
    olga.opens("/operator/accounts").await.sees_no(&link);
    lost.opens(&link).await;
    lost.sends("reset", &[("new_password", Member::PASSWORD)]).await;
    assert!(Surfer::new(&node, "curl/8").signs_in("ana").await.is_in().await);

    // An address changes at once where nobody can be asked.
    let mut ana = Surfer::new(&node, "curl/8");
    ana.signs_in("ana").await;
    ana.opens("/settings/account").await;
    let form = [("new_email", "ana@elm.example"), ("email_password", Member::PASSWORD)];
    ana.sends("email", &form).await.sees("Your e-mail address is changed");
    assert!(Surfer::new(&node, "curl/8").signs_in("ana@elm.example").await.is_in().await);
}
