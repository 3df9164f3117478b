//! In a real browser, without scripts and on a phone: setting up two-factor, and an app's sign-in.
use super::{Phone, app, authorize_path, token};
use crate::harness::{Api, Browser, Database, Look, Member, Node, Post, Setup};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_let_in_with_password_and_code() {
    signs_in(Look { javascript: false, ..Look::DESKTOP }, "desktop").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_let_in_with_password_and_code_on_a_phone_in_the_dark() {
    signs_in(Look { dark: true, ..Look::PHONE }, "phone").await;
}

async fn signs_in(look: Look, kind: &str) {
    let node = Node::start(Database::Sqlite).await;
    node.operator("olga").await;
    node.member("ana").await;
    let home = Browser::open(look).await;
    home.signs_in(&node, "ana").await;
    let at = |path: &str| format!("{}{path}", node.origin());
    home.goes_to(&at("/settings/sign-in")).await;
    home.pictures(&format!("{kind}-sign-in-settings")).await;
    home.presses("Set it up").await;
    home.pictures(&format!("{kind}-two-factor-off")).await;
    home.fills("password", Member::PASSWORD).await;
    home.presses("Go on").await;
    home.sees("Show this to your app").await;
    home.pictures(&format!("{kind}-two-factor-set-up")).await;
    let mut phone = Phone::with(&home.find("#secret").await.text().await.unwrap());
    home.fills("code", &phone.code().await).await;
    home.presses("Switch it on").await;
    home.sees("Your recovery codes").await;
    home.pictures(&format!("{kind}-recovery-codes")).await;
    home.goes_to(&at("/settings/two-factor")).await;
    home.pictures(&format!("{kind}-two-factor-on")).await;
    assert_eq!(home.complaints().await, Vec::<String>::new());
    home.closes().await;

    // An app opens a browser that nobody is signed in with.
    let redirect = at("/about");
    let app = app(&node, &redirect).await;
    let fresh = Browser::open(look).await;
    fresh.goes_to(&at(&authorize_path(&app, &redirect, "read write"))).await;
    fresh.sees("Ivory").await;
    fresh.pictures(&format!("{kind}-sign-in")).await;
    fresh.fills("username", "ana").await;
    fresh.fills("password", Member::PASSWORD).await;
    fresh.follows("#sign-in button").await;
    fresh.sees("Your code").await;
    fresh.fills("code", &phone.wrong_code()).await;
    fresh.follows("#second-step button").await;
    fresh.sees("This code is not right").await;
    fresh.pictures(&format!("{kind}-code")).await;
    fresh.fills("code", &phone.code().await).await;
    fresh.follows("#second-step button").await;
    fresh.sees("Let Ivory in?").await;
    fresh.pictures(&format!("{kind}-authorize")).await;
    fresh.presses("Let it in").await;
    let back = fresh.at().await;
    assert!(back.starts_with(&format!("{redirect}?code=")), "{back}");
    let token = token(&node, &app, &redirect, &back).await;
    let mine = Api::with_token(&node.origin(), &token);
    assert_eq!(mine.get("/api/v1/accounts/verify_credentials").await["username"], "ana");
    fresh.goes_to(&at("/settings/apps")).await;
    fresh.sees("Ivory").await;
    fresh.pictures(&format!("{kind}-apps")).await;
    fresh.goes_to(&at("/settings/account")).await;
    fresh.pictures(&format!("{kind}-account")).await;
    assert_eq!(fresh.complaints().await, Vec::<String>::new());
    fresh.closes().await;
}

/// The pages that only a step on the way leads to; the others stand in the list of `accessible`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_of_signing_in_can_be_used_by_everyone() {
    let post = Post::start().await;
    let node = Setup::new(Database::Sqlite).with("SMTP_URL", &post.url()).start().await;
    node.operator("olga").await;
    node.member("ana").await;
    let at = |path: &str| format!("{}{path}", node.origin());
    let ana = Browser::open(Look::DESKTOP).await;
    let mut wrong = Vec::new();
    ana.goes_to(&at("/auth/forgot")).await;
    wrong.extend(ana.faults().await);
    ana.fills("login", "ana").await;
    ana.presses("Send the link").await;
    wrong.extend(ana.faults().await);
    let link = post.brings("ana@example.org", "Choose a new password").await.link();
    ana.goes_to(&link).await;
    ana.pictures("desktop-reset").await;
    ana.fills("new_password", "short").await;
    ana.presses("Change the password").await;
    ana.sees("at least 8 characters").await;
    wrong.extend(ana.faults().await);
    ana.fills("new_password", Member::PASSWORD).await;
    ana.presses("Change the password").await;
    ana.sees("Your password is changed").await;
    ana.fills("username", "ana").await;
    ana.fills("password", Member::PASSWORD).await;
    ana.follows("#sign-in button").await;
    ana.goes_to(&at("/settings/two-factor")).await;
    ana.fills("password", Member::PASSWORD).await;
    ana.presses("Go on").await;
    wrong.extend(ana.faults().await);
    let mut phone = Phone::with(&ana.find("#secret").await.text().await.unwrap());
    ana.fills("code", &phone.code().await).await;
    ana.presses("Switch it on").await;
    ana.sees("Your recovery codes").await;
    wrong.extend(ana.faults().await);
    ana.goes_to(&at("/settings/two-factor")).await;
    wrong.extend(ana.faults().await);
    ana.closes().await;

    let olga = Browser::open(Look { javascript: true, ..Look::PHONE }).await;
    olga.signs_in(&node, "olga").await;
    olga.goes_to(&at("/operator/accounts")).await;
    olga.fills("name", "ana").await;
    olga.presses("Do it").await;
    olga.sees("is shown this once").await;
    olga.pictures("phone-operator-accounts").await;
    wrong.extend(olga.faults().await);
    olga.goes_to(&at("/auth/sign_out")).await;
    olga.presses("Sign out").await;
    olga.signs_in(&node, "ana").await;
    olga.sees("Your code").await;
    wrong.extend(olga.faults().await);
    olga.closes().await;
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}
