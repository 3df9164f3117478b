//! Every page for everyone: axe-core finds nothing, nothing scrolls sideways, in light and dark.
use serde_json::{Value, json};

use crate::{
    client_api::media::{picture, upload},
    harness::{Browser, Database, Look, Member, Node, Setup, id},
};

// What a page looks like does not depend on the database, so one of them is enough.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_used_by_everyone_in_light() {
    look_at_every_page(Look { javascript: true, ..Look::DESKTOP }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_used_by_everyone_in_the_dark_on_a_phone() {
    look_at_every_page(Look { javascript: true, dark: true, ..Look::PHONE }).await;
}

async fn look_at_every_page(look: Look) {
    let node =
        Setup::new(Database::Sqlite).with("SIGN_UP", "approval").in_a_terminal().start().await;
    let visitor = Browser::open(look).await;
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    let mut wrong = Vec::new();
    let set_up = crate::pages::first_visit_link(&node).await;
    wrong.extend(faults(&visitor, &set_up).await);
    assert_eq!(visitor.evaluates(dark).await, look.dark);

    let place = furnished(&node).await;
    let for_all = [
        "/",
        "/about",
        "/search",
        "/search?q=re",
        "/search?q=nothing+like+it",
        "/auth/sign_in",
        "/auth/sign_up",
        "/auth/forgot",
        "/auth/reset?token=old",
        "/tags/ask",
        "/@ana",
        "/@repairs",
        "/@repairs/log",
        "/@night",
        "/@nobody",
        &place.thread,
        &place.poll,
    ];
    wrong.extend(faults_of(&visitor, &node, &for_all).await);
    // A form that is refused, and a request that waits.
    visitor.goes_to(&format!("{}/auth/sign_up", node.origin())).await;
    visitor.fills("username", "x").await;
    visitor.fills("email", "new@example.org").await;
    visitor.fills("password", "short").await;
    visitor.fills("reason", "I fix radios").await;
    visitor.presses("Ask to join").await;
    visitor.sees("Something is missing or wrong").await;
    wrong.extend(visitor.faults().await);
    visitor.fills("username", "newcomer").await;
    visitor.fills("password", Member::PASSWORD).await;
    visitor.follows("#sign-up button").await;
    visitor.sees("on its way").await;
    wrong.extend(visitor.faults().await);
    visitor.closes().await;

    let member = Browser::open(look).await;
    member.signs_in(&node, "ana").await;
    let for_members = [
        "/",
        "/new",
        "/new?group=repairs&kind=ask",
        "/groups/new",
        "/notifications",
        "/settings",
        "/settings/account",
        "/settings/sign-in",
        "/settings/two-factor",
        "/settings/apps",
        "/settings/help",
        "/@ana",
        "/@repairs",
        "/@night",
        "/@night/requests",
        "/auth/sign_out",
        "/operator",
        "/search?q=tap+OR",
        "/search?q=drips",
        &place.thread,
        &place.poll,
        &format!("/posts/{}/reply", place.post),
        &format!("/posts/{}/edit", place.post),
        &format!("/posts/{}/history", place.post),
        &format!("/posts/{}/delete", place.post),
        &place.authorize,
    ];
    wrong.extend(faults_of(&member, &node, &for_members).await);
    member.closes().await;

    let operator = Browser::open(look).await;
    operator.signs_in(&node, "olga").await;
    let for_operators = [
        "/operator",
        "/operator/invites",
        "/operator/accounts",
        "/operator/servers",
        "/operator/emoji",
        "/operator/staff",
    ];
    wrong.extend(faults_of(&operator, &node, &for_operators).await);
    operator.goes_to(&format!("{}/operator/invites", node.origin())).await;
    operator.presses("Make an invite").await;
    operator.sees("Your invite is ready").await;
    wrong.extend(operator.faults().await);
    operator.closes().await;
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

async fn faults_of(browser: &Browser, node: &Node, paths: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in paths {
        wrong.extend(faults(browser, &format!("{}{path}", node.origin())).await);
    }
    wrong
}

/// What is wrong with the page at `url`.
async fn faults(browser: &Browser, url: &str) -> Vec<String> {
    browser.goes_to(url).await;
    let mut wrong = browser.faults().await;
    let widths =
        browser.evaluates("return [document.documentElement.scrollWidth, innerWidth]").await;
    if widths[0].as_u64() > widths[1].as_u64() {
        wrong.push(format!("scrolls sideways: {widths}"));
    }
    wrong.into_iter().map(|fault| format!("{url}: {fault}")).collect()
}

/// Where things are on a node that is lived in.
struct Place {
    post: String,
    thread: String,
    poll: String,
    authorize: String,
}

async fn furnished(node: &Node) -> Place {
    let olga = node.operator("olga").await;
    let (ana, ben) = (node.member("ana").await, node.member("ben").await);
    let domain = node.domain();
    node.group("repairs", "So that nothing is thrown away that a neighbour could fix", "ana").await;
    node.run(&[
        "group",
        "create",
        "night",
        "--purpose",
        "Nobody is alone at night",
        "--founder",
        "ana",
        "--private",
    ]);
    let night = olga.finds(&format!("@night@{domain}")).await;
    olga.api.post(&format!("/api/v1/accounts/{}/follow", id(&night)), json!({})).await;
    ben.joins(&format!("@repairs@{domain}")).await;
    let picture = upload(&ana, picture(), "A tap with a drop").await.ok();
    let asked = json!({ "status": "My tap drips @repairs #ask", "media_ids": [id(&picture)] });
    let ask = ana.api.post("/api/v1/statuses", asked).await;
    let answer = ben
        .replies(&ask, &format!("@ana A new **washer**. {}", "Donaudampfschiff".repeat(8)))
        .await;
    olga.replies(&answer, "@ben عندي نفس المشكلة").await;
    ana.does("thanks", &answer).await;
    let poll = json!({
        "status": "When shall we open? @repairs", "spoiler_text": "A question of dates",
        "poll": { "options": ["Now", "After Easter"], "expires_in": 86_400 },
    });
    let poll = ben.api.post("/api/v1/statuses", poll).await;
    let app = json!({
        "client_name": "An app", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write",
    });
    let app = node.public().post("/api/v1/apps", app).await;
    let page = |post: &Value| format!("/@repairs/{}", id(post));
    Place {
        post: id(&ask),
        thread: page(&ask),
        poll: page(&poll),
        authorize: format!(
            "/oauth/authorize?client_id={}&redirect_uri=urn:ietf:wg:oauth:2.0:oob&response_type=code&scope=read",
            app["client_id"].as_str().unwrap()
        ),
    }
}
